import { useState } from 'react';

const storageKey = 'taskwire.single-keys';

/** Whether single keys do something, which this browser keeps; a page that may not store forgets it. */
export function useShortcutSetting(): readonly [boolean, (isOn: boolean) => void] {
  const [isOn, setIsOn] = useState(() => stored() !== 'off');
  return [
    isOn,
    (next) => {
      setIsOn(next);
      try {
        localStorage.setItem(storageKey, next ? 'on' : 'off');
      } catch {
        // It holds for this page, then.
      }
    },
  ];
}

function stored(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}
