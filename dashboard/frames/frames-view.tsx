import { useDeferredValue, useMemo, useState, useSyncExternalStore } from 'react';
import { factsOf } from './frame-facts.ts';
import { FrameList } from './frame-list.tsx';
import type { FrameLog, FrameLogSnapshot } from './frame-log.ts';

/** The frames of the stream, with what finds one among them. */
export function FramesView({ log }: { readonly log: FrameLog }) {
  const latest = useSyncExternalStore(log.subscribe, log.getSnapshot);
  const [held, setHeld] = useState<FrameLogSnapshot>();
  const [text, setText] = useState('');
  const [type, setType] = useState('');
  const { frames, received } = held ?? latest;
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const types = useMemo(() => [...new Set(frames.map((frame) => factsOf(frame).type))].toSorted(), [frames]);
  const shown = useMemo(
    () =>
      frames.filter((frame) => {
        const facts = factsOf(frame);
        return (type === '' || facts.type === type) && facts.text.includes(wanted);
      }),
    [frames, type, wanted],
  );
  const clear = (): void => {
    log.clear();
    if (held !== undefined) setHeld(log.getSnapshot());
  };
  return (
    <>
      <div className="frames-tools">
        <input
          type="search"
          aria-label="Search frames"
          placeholder="Search"
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <select aria-label="Type" value={type} onChange={({ target }) => setType(target.value)}>
          <option value="">All types</option>
          {/* What is chosen stays to be seen, also when the last frame of it has gone. */}
          {[...new Set([...types, ...(type === '' ? [] : [type])])].map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
        <button
          type="button"
          aria-pressed={held !== undefined}
          onClick={() => setHeld(held === undefined ? latest : undefined)}
        >
          Pause
        </button>
        <button type="button" onClick={clear}>
          Clear
        </button>
        <p className="frames-count">
          {received.toLocaleString()} received, {frames.length.toLocaleString()} kept
          {shown.length < frames.length && `, ${shown.length.toLocaleString()} shown`}
        </p>
      </div>
      {shown.length === 0 ? (
        <p className="frames-none">{frames.length === 0 ? 'No frames yet.' : 'No frame fits.'}</p>
      ) : (
        <FrameList frames={shown} />
      )}
    </>
  );
}
