import { useBoard, useWriteObstacle } from '../app/board-context.ts';
import type { Task } from '../../client/index.ts';
import { MeanwhileNote } from './meanwhile-note.tsx';
import { submitOnKey } from './submit-key.ts';
import type { TextName } from './text-edits.ts';
import { textLabels, textNames, textOf } from './text-edits.ts';
import type { TextEditing } from './use-text-edits.ts';

export interface TextFormProps {
  readonly task: Task;
  readonly editing: TextEditing;
}

/** The texts of a task, which are saved together. */
export function TextForm({ task, editing }: TextFormProps) {
  const { edits, conflicts, error, save } = editing;
  const obstacle = useWriteObstacle();
  const isEdited = Object.keys(edits).length > 0;
  return (
    <form
      className="fields"
      aria-label="Texts"
      aria-busy={editing.isSaving}
      onSubmit={(event) => {
        event.preventDefault();
        // Keys submit it also where its button is disabled.
        if (obstacle === undefined) save();
      }}
    >
      {textNames.map((name) => (
        <div key={name} className="field">
          <TextField name={name} task={task} editing={editing} />
          {conflicts.includes(name) && <Conflict name={name} task={task} editing={editing} />}
        </div>
      ))}
      {error !== undefined && (
        <p role="alert" className="problem">
          Not saved: {error}
        </p>
      )}
      {isEdited && <SaveBar editing={editing} />}
    </form>
  );
}

interface TextFieldProps extends TextFormProps {
  readonly name: TextName;
}

function TextField({ name, task, editing }: TextFieldProps) {
  const text = {
    value: editing.edits[name]?.mine ?? textOf(task, name),
    onChange: ({ target }: { readonly target: { readonly value: string } }) =>
      editing.type(name, target.value),
    onKeyDown: submitOnKey,
  };
  return (
    <label className={name}>
      {textLabels[name]}
      {name === 'name' && <input required autoComplete="off" dir="auto" {...text} />}
      {name === 'description' && <textarea rows={5} dir="auto" {...text} />}
      {name === 'priority' && <input type="number" min={0} max={100} required {...text} />}
    </label>
  );
}

function Conflict({ name, task, editing }: TextFieldProps) {
  const { identity } = useBoard();
  return (
    <MeanwhileNote
      writer={editing.writerOf(name)}
      user={identity.user}
      theirs={textOf(task, name)}
      onKeep={() => editing.keepMine(name)}
      onTake={() => editing.takeTheirs(name)}
    />
  );
}

function SaveBar({ editing }: { readonly editing: TextEditing }) {
  const obstacle = useWriteObstacle();
  const { isSaving, conflicts, discard } = editing;
  return (
    <div className="save-bar">
      <div className="buttons">
        <button className="primary" type="submit" disabled={obstacle !== undefined} title={obstacle}>
          {isSaving ? 'Saving…' : 'Save'}
        </button>
        <button type="button" disabled={isSaving} onClick={discard}>
          Discard
        </button>
      </div>
      <p className="hint">
        {conflicts.length > 0 ? 'Not saved: choose which text is kept.' : 'Not saved yet.'}
      </p>
    </div>
  );
}
