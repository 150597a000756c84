/** The clock of the limits on connections. */
export interface Timers {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /**
   * Runs something later.
   * @returns what calls it off.
   */
  readonly after: (milliseconds: number, run: () => void) => () => void;
}

/** The machine's. */
export const machineTimers: Timers = {
  now: () => Date.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
