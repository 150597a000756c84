export interface TabLockListener {
  readonly onGranted: () => void;
  /** Another tab has taken it away. */
  readonly onRobbed: () => void;
}

/** A lock that one tab of the browser has at a time, and that its death gives back. */
export class TabLock {
  readonly #name: string;
  readonly #listener: TabLockListener;
  /** Ends the last request, or what it was granted. */
  #current: AbortController | undefined;

  constructor(name: string, listener: TabLockListener) {
    this.#name = name;
    this.#listener = listener;
  }

  /**
   * Waits for it, in place of a request before.
   * @param isStolen takes it away from who has it.
   */
  request(isStolen: boolean): void {
    this.release();
    const current = new AbortController();
    this.#current = current;
    const { signal } = current;
    let isGranted = false;
    const hold = async (): Promise<void> => {
      if (signal.aborted) return;
      isGranted = true;
      this.#listener.onGranted();
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    };
    navigator.locks.request(this.#name, isStolen ? { steal: true } : { signal }, hold).catch(() => {
      if (signal.aborted) return;
      if (isGranted) this.#listener.onRobbed();
      // A page that may have no locks shares nothing.
      else void hold();
    });
  }

  /** Gives it back, or waits for it no more. */
  release(): void {
    this.#current?.abort();
  }
}
