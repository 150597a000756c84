import type { Line } from './line.ts';

/** The transports of a session: one, and for moments a second. */
export class Lines {
  current: Line | undefined;
  /** Opened before the end of the current one; takes its place when it is established. */
  next: Line | undefined;

  /** Closes both, and tells the server. */
  leave(): void {
    this.next?.leave();
    this.next = undefined;
    this.current?.leave();
    this.current = undefined;
  }

  dropNext(): void {
    this.next?.close();
    this.next = undefined;
  }

  promoteNext(): void {
    this.current?.close();
    this.current = this.next;
    this.next = undefined;
  }
}
