import { Dialog } from '@base-ui/react/dialog';
import { useEffect, useRef, useState } from 'react';
import { useBoard } from '../app/board-context.ts';
import { closeTask, openTask, useOpenTask } from '../app/open-task.ts';
import { useToasts } from '../toasts/use-toasts.ts';
import { PeopleAtTask } from './people-at-task.tsx';
import { TaskPanel } from './task-panel.tsx';
import type { TextEdits } from './text-edits.ts';

const none: TextEdits = {};

/** The task that is open, at the side of the board. Texts that are not saved are kept when it is closed. */
export function TaskDialog() {
  const id = useOpenTask();
  const [kept, setKept] = useState<Readonly<Record<number, TextEdits>>>({});
  const { store } = useBoard();
  const toasts = useToasts();
  const lastId = useRef(id);
  useEffect(() => {
    if (id !== undefined) lastId.current = id;
  }, [id]);
  const close = (): void => {
    closeTask();
    if (id === undefined || store?.getTask(id) === undefined || Object.keys(kept[id] ?? none).length === 0)
      return;
    toasts.show({
      text: `What you typed at #${id} is not saved. It is kept while this page is open.`,
      actions: [{ label: 'Open', onClick: () => openTask(id) }],
    });
  };
  return (
    <Dialog.Root
      open={id !== undefined}
      onOpenChange={(isOpen) => {
        if (!isOpen) close();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup
          className="dialog sheet"
          // The card may be in another column by now, and what had the focus is gone then.
          finalFocus={() =>
            document.querySelector<HTMLElement>(`[data-task="${lastId.current}"] .name`) ?? true
          }
        >
          {id !== undefined && (
            <>
              <div className="sheet-head">
                <Dialog.Title>Task #{id}</Dialog.Title>
                <PeopleAtTask id={id} />
                <Dialog.Close className="icon-button" aria-label="Close">
                  ×
                </Dialog.Close>
              </div>
              <TaskPanel
                key={id}
                id={id}
                edits={kept[id] ?? none}
                onChange={(edits) => setKept((before) => ({ ...before, [id]: edits }))}
              />
            </>
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
