import type { Clock, Random } from '../clock.ts';
import { jitter } from '../clock.ts';
import { UnknownFormat } from '../log/read-store.ts';
import { SessionEnd } from './end-watch.ts';
import type { Observer } from '../observer.ts';

/** How long the log may be unreadable before the session ends, milliseconds. */
const troubleMs = 60_000;

interface LogTroublePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: Pick<Observer, 'trouble'>;
}

/** What a session makes of it that its log cannot be read. */
export class LogTrouble {
  readonly #ports: LogTroublePorts;
  /** Since when nothing could be read, epoch milliseconds. */
  #since: number | undefined;

  constructor(ports: LogTroublePorts) {
    this.#ports = ports;
  }

  /**
   * Waits so many milliseconds at the most until it may be tried again.
   * @throws {SessionEnd} where there is no use in that: it is what was thrown, or the version is not the right one, or it
   *   has taken too long.
   */
  async failed(error: unknown, timeoutMs: number): Promise<void> {
    const { clock, random, observer } = this.#ports;
    if (error instanceof SessionEnd) throw error;
    observer.trouble('the log cannot be read', error);
    if (error instanceof UnknownFormat) throw new SessionEnd('deploy');
    this.#since ??= clock.now();
    this.#endInTime();
    await clock.sleep(Math.min(timeoutMs, jitter(random, 500, 1500)));
  }

  /**
   * Takes note of when the log was read, epoch milliseconds; undefined for a wait without a completed read, which says
   * nothing about whether it can be.
   * @throws {SessionEnd} when it could not for too long.
   */
  readAt(at: number | undefined): void {
    if (this.#since !== undefined && at !== undefined && at > this.#since) this.#since = undefined;
    this.#endInTime();
  }

  #endInTime(): void {
    if (this.#since !== undefined && this.#ports.clock.now() - this.#since >= troubleMs)
      throw new SessionEnd('trouble');
  }
}
