const tickMs = 2_000;
/** Timers of a page that runs are late by less; those of a hidden page may be later, which costs it a look. */
const sleptMs = 10_000;

export interface WakeSignals {
  /** Every few seconds while the page runs. */
  readonly onTick: () => void;
  /** The page has slept or may have, or the network is back. */
  readonly onWake: () => void;
  /** The browser says that the network is gone. */
  readonly onOffline: () => void;
}

/**
 * Tells what happens to a page, or another program, that may cost it its connections.
 * @param signal ends it.
 */
export function listenToWakeSignals({ onTick, onWake, onOffline }: WakeSignals, signal: AbortSignal): void {
  let tickedAt = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    const hasSlept = now - tickedAt > sleptMs;
    tickedAt = now;
    if (hasSlept) onWake();
    else onTick();
  }, tickMs);
  signal.addEventListener('abort', () => clearInterval(timer));
  if (typeof addEventListener === 'undefined') return;
  addEventListener('offline', onOffline, { signal });
  addEventListener('online', onWake, { signal });
  if (typeof document === 'undefined') return;
  // The end of a freeze: https://developer.chrome.com/docs/web-platform/page-lifecycle-api
  document.addEventListener('resume', onWake, { signal });
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') onWake();
    },
    { signal },
  );
}

/** Whether the browser says that there is no network. */
export function isOffline(): boolean {
  return (globalThis.navigator as Navigator | undefined)?.onLine === false;
}
