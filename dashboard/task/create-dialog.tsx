import { Dialog } from '@base-ui/react/dialog';
import { useState } from 'react';
import { newIdempotencyKey } from '../../client/store/index.ts';
import { useBoard } from '../app/board-context.ts';
import { formText } from '../app/form-text.ts';

export interface CreateDialogProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
}

/** The form for a new task. */
export function CreateDialog({ isOpen, onOpenChange }: CreateDialogProps) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title>New task</Dialog.Title>
          <CreateForm onDone={() => onOpenChange(false)} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function CreateForm({ onDone }: { readonly onDone: () => void }) {
  const { actions } = useBoard();
  const [key] = useState(newIdempotencyKey);
  const create = async (form: FormData): Promise<void> => {
    const outcome = await actions?.create(
      { name: formText(form, 'name'), visibility: form.has('private') ? 'private' : 'workspace' },
      key,
    );
    if (outcome !== undefined) onDone();
  };
  return (
    <form
      // Not as its action, after which React empties the form, even where the task could not be created.
      onSubmit={(event) => {
        event.preventDefault();
        void create(new FormData(event.currentTarget));
      }}
      className="fields"
      aria-label="New task"
    >
      <label>
        Name
        <input name="name" required maxLength={200} autoComplete="off" dir="auto" />
      </label>
      <label className="check">
        <input name="private" type="checkbox" /> Private
      </label>
      <div className="buttons">
        <Dialog.Close>Cancel</Dialog.Close>
        <button className="primary" type="submit">
          Add task
        </button>
      </div>
    </form>
  );
}
