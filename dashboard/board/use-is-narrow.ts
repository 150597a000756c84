import { useSyncExternalStore } from 'react';

/** As in the style sheets. */
const narrow = '(width < 40rem)';

/** Whether the page has room for one column only. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(narrow).matches);
}

function subscribe(listener: () => void): () => void {
  const query = matchMedia(narrow);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}
