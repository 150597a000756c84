import { useId } from 'react';
import type { TaskFlags } from './task-draft.ts';

export interface FlagFieldsProps {
  readonly flags: TaskFlags;
  readonly onChange: (change: Partial<TaskFlags>) => void;
  readonly isDisabled?: boolean;
  /** Why the user may not change who sees the task. */
  readonly noSharing?: string | undefined;
}

/** What a task is or is not: blocked, for an agent, private. */
export function FlagFields({ flags, onChange, isDisabled = false, noSharing }: FlagFieldsProps) {
  const hintId = useId();
  return (
    <div className="field">
      <div className="flags">
        <label className="check">
          <input
            type="checkbox"
            checked={flags.blocked}
            disabled={isDisabled}
            onChange={({ target }) => onChange({ blocked: target.checked })}
          />
          Blocked
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={flags.agent}
            disabled={isDisabled}
            onChange={({ target }) => onChange({ agent: target.checked })}
          />
          For an agent
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={flags.private}
            disabled={isDisabled || noSharing !== undefined}
            aria-describedby={hintId}
            onChange={({ target }) => onChange({ private: target.checked })}
          />
          Private
        </label>
      </div>
      <p id={hintId} className="hint">
        {noSharing ?? 'What is private is seen by its creator, its assignees and admins.'}
      </p>
    </div>
  );
}
