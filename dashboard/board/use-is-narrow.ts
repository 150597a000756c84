import { useMediaQuery } from '../app/use-media-query.ts';

/** Whether the page has room for one column only; the style sheets have the same width. */
export function useIsNarrow(): boolean {
  return useMediaQuery('(width < 40rem)');
}
