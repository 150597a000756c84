import { useMemo, useSyncExternalStore } from 'react';

/** Whether a media query holds now: renders when that changes. */
export function useMediaQuery(query: string): boolean {
  const [subscribe, matches] = useMemo(() => {
    const list = matchMedia(query);
    return [
      (listener: () => void): (() => void) => {
        list.addEventListener('change', listener);
        return () => list.removeEventListener('change', listener);
      },
      (): boolean => list.matches,
    ] as const;
  }, [query]);
  return useSyncExternalStore(subscribe, matches);
}
