import { memo, useState } from 'react';
import { ageInWords, factsOf, prettyData, shortId } from './frame-facts.ts';
import type { LoggedFrame } from './frame-log.ts';

export interface FrameRowProps {
  readonly frame: LoggedFrame;
  /** As the user reads it, so that a row is rendered only when its text is another. */
  readonly age: string;
  readonly isExpanded: boolean;
  readonly onToggle: (number: number) => void;
}

/** One frame: what it is in a line, and all of it on demand. */
export const FrameRow = memo(function FrameRow({ frame, age, isExpanded, onToggle }: FrameRowProps) {
  const { number, id, data } = frame;
  const { type, bytes } = factsOf(frame);
  return (
    <>
      <div className="frame-line">
        <button
          type="button"
          className="frame-toggle"
          aria-expanded={isExpanded}
          aria-label={`${type}, frame ${number}`}
          onClick={() => onToggle(number)}
        >
          <span className="type">{type}</span>
        </button>
        <span className="id" data-id={id} title={id}>
          {isExpanded ? id : shortId(id)}
        </span>
        <span className="size">{bytes.toLocaleString()} B</span>
        <span className="age">{age}</span>
        <CopyButton text={data} label={`Copy frame ${number}`} />
      </div>
      <pre className="data" dir="ltr">
        {isExpanded ? prettyData(data) : data.slice(0, 400)}
      </pre>
    </>
  );
});

function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [outcome, setOutcome] = useState<'Copied' | 'Not copied'>();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('Copied');
    } catch {
      setOutcome('Not copied');
    }
    setTimeout(() => setOutcome(undefined), 2000);
  };
  return (
    <>
      <button type="button" className="frame-copy" aria-label={label} onClick={() => void copy()}>
        {outcome ?? 'Copy'}
      </button>
      <span className="visually-hidden" role="status">
        {outcome}
      </span>
    </>
  );
}

/** The age of a frame at a time. */
export function ageAt(frame: LoggedFrame, now: number): string {
  return ageInWords(now - frame.receivedAt);
}
