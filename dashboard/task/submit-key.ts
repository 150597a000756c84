import type { KeyboardEvent } from 'react';

/** Sends the form of a text on Ctrl or Cmd with Enter, also from a text of many lines. */
export function submitOnKey(event: KeyboardEvent<HTMLInputElement | HTMLTextAreaElement>): void {
  const { key, ctrlKey, metaKey, currentTarget } = event;
  if (key !== 'Enter' || !(ctrlKey || metaKey)) return;
  event.preventDefault();
  currentTarget.form?.requestSubmit();
}
