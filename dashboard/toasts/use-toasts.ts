import { Toast } from '@base-ui/react/toast';
import { useMemo } from 'react';

/** Something that the user is told, and that goes away again. */
export interface Notification {
  readonly title: string;
  /** Something went wrong: it is told at once, and stays until it is dismissed. */
  readonly isProblem?: boolean;
  /** Takes back what it tells of. */
  readonly undo?: () => void;
}

export interface ToastQueue {
  readonly show: (notification: Notification) => void;
}

/** Where the page tells its user what has happened. */
export function useToasts(): ToastQueue {
  const { add, close } = Toast.useToastManager();
  return useMemo(
    () => ({
      show: ({ title, isProblem = false, undo }) => {
        const id = add({
          title,
          type: isProblem ? 'problem' : 'note',
          priority: isProblem ? 'high' : 'low',
          timeout: isProblem ? 0 : 6000,
          ...(undo && {
            actionProps: {
              children: 'Undo',
              onClick: () => {
                close(id);
                undo();
              },
            },
          }),
        });
      },
    }),
    [add, close],
  );
}
