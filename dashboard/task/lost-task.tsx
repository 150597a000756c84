import type { TextEdits } from './text-edits.ts';
import { textLabels, textNames } from './text-edits.ts';

export interface LostTaskProps {
  readonly id: number;
  /** Whether it was there when the page showed it. */
  readonly wasThere: boolean;
  readonly edits: TextEdits;
}

/** Says that a task is not there, and shows what was typed and not saved, to be copied. */
export function LostTask({ id, wasThere, edits }: LostTaskProps) {
  const unsaved = textNames.flatMap((name) => {
    const edit = edits[name];
    return edit === undefined ? [] : [{ name, text: edit.mine }];
  });
  return (
    <div className="fields">
      <p role="alert" className="problem">
        {wasThere
          ? 'This task was deleted, or you may not see it any more.'
          : `There is no task #${id}: it was deleted, or you may not see it.`}
      </p>
      {unsaved.length > 0 && <p className="hint">What you typed was not saved. You can copy it from here:</p>}
      {unsaved.map(({ name, text }) => (
        <label key={name}>
          {textLabels[name]}
          <textarea
            readOnly
            rows={name === 'description' ? 5 : 1}
            dir="auto"
            value={text}
            onFocus={({ currentTarget }) => currentTarget.select()}
          />
        </label>
      ))}
    </div>
  );
}
