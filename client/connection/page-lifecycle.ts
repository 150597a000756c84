export interface PageLifecycle {
  /** The page goes away, perhaps into the browser's back/forward cache. */
  readonly onHide: () => void;
  /** The page has come back from there. */
  readonly onRestore: () => void;
  /** The page cannot be seen, or can be again. */
  readonly onVisible: (isVisible: boolean) => void;
}

/**
 * Listens to what becomes of the page; outside of one nothing does.
 * @param signal ends it.
 */
export function listenToPageLifecycle(
  { onHide, onRestore, onVisible }: PageLifecycle,
  signal: AbortSignal,
): void {
  if (typeof document === 'undefined') return;
  addEventListener('pagehide', onHide, { signal });
  addEventListener('pageshow', ({ persisted }) => persisted && onRestore(), { signal });
  document.addEventListener('visibilitychange', () => onVisible(document.visibilityState === 'visible'), {
    signal,
  });
}
