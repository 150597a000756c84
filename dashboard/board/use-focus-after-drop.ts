import { useEffect, useRef } from 'react';

/** What had the focus and is not in the document any more. */
interface Lost {
  readonly id: number;
  /** Where the focus goes when the card is on no column that is shown. */
  readonly instead: HTMLElement | null;
}

/**
 * Gives the focus back to the handle of a card that keys have moved: in its new column it is another element. To be used
 * where all that moves cards on the page is rendered.
 * @returns says that a card is moved, until `moved` is settled.
 */
export function useFocusAfterDrop(): (lost: Lost, moved: Promise<unknown>) => void {
  const lost = useRef<Lost>(undefined);
  const restore = (): void => {
    if (lost.current === undefined || document.activeElement !== document.body) return;
    const { id, instead } = lost.current;
    const handle = document.querySelector<HTMLElement>(`.card[data-task="${id}"] .handle`) ?? instead;
    handle?.focus();
  };
  useEffect(restore);
  return (moving, moved) => {
    lost.current = moving;
    void moved.finally(() => {
      if (lost.current === moving) lost.current = undefined;
    });
  };
}
