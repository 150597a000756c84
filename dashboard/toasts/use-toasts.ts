import { Toast } from '@base-ui/react/toast';
import { useMemo } from 'react';

/** A button of a notice. */
export interface NoticeAction {
  readonly label: string;
  readonly onClick: () => void;
}

/** Something that the user is told. */
export interface Notice {
  readonly text: string;
  /** Something went wrong, or is to be decided: it stays until it is dismissed. */
  readonly isProblem?: boolean;
  /** Stays until it is dismissed, though it is no problem. */
  readonly stays?: boolean;
  /** Each dismisses the notice. */
  readonly actions?: readonly NoticeAction[];
  /** The notice is gone, however: by its time, by its user, by an action of its own. */
  readonly onGone?: () => void;
}

export interface ToastQueue {
  /** @returns dismisses it. */
  readonly show: (notice: Notice) => () => void;
}

/** How long a notice is there, milliseconds. */
const usualMs = 6000;

/** Where the page tells its user what has happened. */
export function useToasts(): ToastQueue {
  const { add, close } = Toast.useToastManager<{ readonly actions: readonly NoticeAction[] }>();
  return useMemo(
    () => ({
      show: ({ text, isProblem = false, stays = isProblem, actions = [], onGone }) => {
        const id = add({
          // The same problem twice is one notice.
          ...(isProblem && actions.length === 0 && { id: `problem: ${text}` }),
          title: text,
          type: isProblem ? 'problem' : 'note',
          // Not high: Base UI hides those from assistive technology, buttons and all, and says their text alone.
          priority: 'low',
          timeout: stays ? 0 : usualMs,
          data: { actions },
          ...(onGone && { onClose: onGone }),
        });
        return () => close(id);
      },
    }),
    [add, close],
  );
}
