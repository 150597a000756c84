import { pathTo, paths } from '../../protocol/paths.ts';
import type { Connection } from '../connection/connection.ts';

/** It may be said once a second; what is said arrives unevenly. */
const shortestGapMs = 1_200;
/** It ends by itself after 6 s. */
const againMs = 3_000;

/** Says that the user of this page types, and no oftener than it must. */
export class OwnTyping {
  readonly #connection: Pick<Connection, 'send'>;
  /** Where the user types; undefined where that has ended. */
  #taskId: number | undefined;
  /** Whether there was an input since it was said. */
  #isGoingOn = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saidAt = -Infinity;
  /** What is said comes one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #underWay = 0;

  constructor(connection: Pick<Connection, 'send'>) {
    this.#connection = connection;
  }

  /** The user has typed something. */
  input(taskId: number): void {
    this.#isGoingOn = true;
    if (taskId === this.#taskId) return;
    this.#taskId = taskId;
    clearTimeout(this.#timer);
    const waitMs = this.#saidAt + shortestGapMs - performance.now();
    if (waitMs > 0) this.#timer = setTimeout(() => this.#goOn(), waitMs);
    else this.#goOn();
  }

  stop(): void {
    clearTimeout(this.#timer);
    if (this.#taskId !== undefined) this.#say(this.#taskId, { typing: false });
    this.#taskId = undefined;
  }

  #goOn(): void {
    if (!this.#isGoingOn || this.#taskId === undefined) return this.stop();
    this.#isGoingOn = false;
    this.#timer = setTimeout(() => this.#goOn(), againMs);
    if (this.#underWay > 0) return;
    this.#saidAt = performance.now();
    this.#say(this.#taskId);
  }

  #say(taskId: number, body?: object): void {
    this.#underWay += 1;
    this.#last = this.#last
      .then(() => this.#connection.send('POST', pathTo(paths.typing, taskId), {}, body))
      // It is said again, or ends by itself.
      .catch(() => undefined)
      .finally(() => {
        this.#underWay -= 1;
      });
  }
}
