import { useEffect, useRef } from 'react';

/** What single keys do, by the key. */
export type Shortcuts = Readonly<Record<string, () => void>>;

const ownKeys = 'input, textarea, select, [contenteditable], .toast';
/** Toasts have the role of dialogs too, and stand beside the board. */
const opened = ':is([role="dialog"], [role="alertdialog"], [role="menu"]):not(.toast)';

/**
 * Lets single keys do something while the user types nowhere and no dialog or menu is open.
 * @param isOn people who speak to their computer turn it off: WCAG 2.2, success criterion 2.1.4.
 */
export function useShortcuts(shortcuts: Shortcuts, isOn: boolean): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    if (!isOn) return undefined;
    const listener = (event: KeyboardEvent): void => {
      const { key, target, altKey, ctrlKey, metaKey, repeat, defaultPrevented } = event;
      if (altKey || ctrlKey || metaKey || repeat || defaultPrevented) return;
      if (target instanceof Element && target.closest(ownKeys) !== null) return;
      // The focus goes into what is opened a moment after it is there: a key of that moment is not of the board either.
      if (document.querySelector(opened) !== null) return;
      const shortcut = Object.hasOwn(latest.current, key) ? latest.current[key] : undefined;
      if (shortcut === undefined) return;
      // So that the key is not typed into what it opens.
      event.preventDefault();
      shortcut();
    };
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, [isOn]);
}
