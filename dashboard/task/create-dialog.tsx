import { Dialog } from '@base-ui/react/dialog';
import { useRef } from 'react';
import { CreateForm } from './create-form.tsx';
import { useCreation } from './use-creation.ts';

export interface CreateDialogProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
}

/** The form for a new task; what is typed there is kept when it is closed. */
export function CreateDialog({ isOpen, onOpenChange }: CreateDialogProps) {
  const creation = useCreation({ isOpen, onCreated: () => onOpenChange(false) });
  const nameRef = useRef<HTMLInputElement>(null);
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog create" initialFocus={nameRef}>
          <Dialog.Title>New task</Dialog.Title>
          <CreateForm creation={creation} nameRef={nameRef} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
