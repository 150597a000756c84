import { Dialog } from '@base-ui/react/dialog';
import type { RefObject } from 'react';
import { useWriteObstacle } from '../app/board-context.ts';
import { AssigneesField } from './assignees-field.tsx';
import { ColumnField } from './column-field.tsx';
import { FlagFields } from './flag-fields.tsx';
import { submitOnKey } from './submit-key.ts';
import { isEmpty } from './task-draft.ts';
import type { Creation } from './use-creation.ts';

export interface CreateFormProps {
  readonly creation: Creation;
  readonly nameRef: RefObject<HTMLInputElement | null>;
}

/** All that a client sets of a new task. */
export function CreateForm({ creation, nameRef }: CreateFormProps) {
  const { draft, error, isSaving, change, discard, save } = creation;
  const obstacle = useWriteObstacle();
  return (
    <form
      className="fields"
      aria-label="New task"
      aria-busy={isSaving}
      onSubmit={(event) => {
        event.preventDefault();
        if (obstacle === undefined) void save();
      }}
    >
      <label>
        Name
        <input
          ref={nameRef}
          required
          autoComplete="off"
          dir="auto"
          value={draft.name}
          onChange={({ target }) => change({ name: target.value })}
        />
      </label>
      <label>
        Description
        <textarea
          rows={4}
          dir="auto"
          value={draft.description}
          onKeyDown={submitOnKey}
          onChange={({ target }) => change({ description: target.value })}
        />
      </label>
      <ColumnField value={draft.column} onChange={(column) => change({ column })} />
      <label className="priority">
        Priority, 0 to 100
        <input
          type="number"
          min={0}
          max={100}
          required
          value={draft.priority}
          onChange={({ target }) => change({ priority: target.value })}
        />
      </label>
      <FlagFields flags={draft} onChange={change} />
      <AssigneesField value={draft.assignees} onChange={(assignees) => change({ assignees })} />
      {error !== undefined && (
        <p role="alert" className="problem">
          Not added: {error}
        </p>
      )}
      {obstacle !== undefined && <p className="hint">Nothing can be added now. {obstacle}</p>}
      <div className="buttons">
        <Dialog.Close disabled={isSaving} onClick={discard}>
          {isEmpty(draft) ? 'Cancel' : 'Discard'}
        </Dialog.Close>
        <button className="primary" type="submit" disabled={obstacle !== undefined} title={obstacle}>
          {isSaving ? 'Adding…' : 'Add task'}
        </button>
      </div>
    </form>
  );
}
