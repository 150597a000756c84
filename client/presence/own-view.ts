import { paths } from '../../protocol/paths.ts';
import { fullJitter } from '../connection/backoff.ts';
import type { Connection } from '../connection/connection.ts';
import { listenToPageLifecycle } from '../connection/page-lifecycle.ts';
import { RequestRefused } from '../http/request.ts';
import { newIdempotencyKey } from '../store/repeated-sending.ts';

/** How long a page counts without a word, seconds. Browsers let the timers of hidden pages wait for a minute. */
const leaseSeconds = { active: 60, hidden: 180 } as const;
/** The pages of a user may say two things a second. */
const shortestGapMs = 500;

/** Says how this page is seen: whenever that changes, and again before it would be forgotten. */
export class OwnView {
  readonly #connection: Pick<Connection, 'send'>;
  readonly #viewId = newIdempotencyKey();
  #taskId: number | undefined;
  /** A task that the server does not show to the user. */
  #unseenTask: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isSaying = false;
  #isOutdated = false;
  #isAway = false;
  #saidAt = -Infinity;
  /** When it is to be said again, epoch milliseconds: a clock that goes on while the machine sleeps. */
  #dueAt = 0;
  #failed = 0;

  /** @param signal the page is not there any more. */
  constructor(connection: Pick<Connection, 'send'>, taskId: number | undefined, signal: AbortSignal) {
    this.#connection = connection;
    this.#taskId = taskId;
    listenToPageLifecycle(
      {
        onHide: () => this.#leave(),
        onRestore: () => {
          this.#isAway = false;
          this.say();
        },
        onVisible: () => this.say(),
      },
      signal,
    );
    signal.addEventListener('abort', () => this.#leave());
    this.say();
  }

  setTask(taskId: number | undefined): void {
    if (taskId === this.#taskId) return;
    this.#taskId = taskId;
    this.#unseenTask = undefined;
    this.say();
  }

  /** Says how it is now, as soon as it may. */
  say(): void {
    this.#isOutdated = true;
    if (!this.#isSaying) this.#sayIn(Math.max(0, this.#saidAt + shortestGapMs - performance.now()));
  }

  /** The server can be reached again: says how it is where that was not possible. */
  renew(): void {
    if (!this.#isSaying && Date.now() >= this.#dueAt) this.say();
  }

  #sayIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (!this.#isAway) this.#timer = setTimeout(() => void this.#say(), milliseconds);
  }

  async #say(): Promise<void> {
    this.#isSaying = true;
    this.#isOutdated = false;
    this.#saidAt = performance.now();
    const state = globalThis.document?.visibilityState === 'hidden' ? 'hidden' : 'active';
    const lease = leaseSeconds[state];
    const taskId = this.#taskId;
    // A task that the server has not created yet has an id below 0.
    const isSeen = taskId !== undefined && taskId > 0 && taskId !== this.#unseenTask;
    let waitMs: number | undefined;
    try {
      await this.#send({ state, lease, ...(isSeen && { taskId }) });
      this.#failed = 0;
      this.#dueAt = Date.now() + lease * 500;
      waitMs = this.#isOutdated ? shortestGapMs : lease * 500;
    } catch (error) {
      this.#dueAt = 0;
      waitMs = this.#afterError(error, taskId) ?? (this.#isOutdated ? shortestGapMs : undefined);
    }
    this.#isSaying = false;
    if (waitMs !== undefined) this.#sayIn(waitMs);
  }

  /** How long to wait, milliseconds, until it is said again; undefined where that would change nothing. */
  #afterError(error: unknown, taskId: number | undefined): number | undefined {
    const isRefused = error instanceof RequestRefused;
    if (isRefused && error.code === 'task_not_found' && taskId !== this.#unseenTask) {
      this.#unseenTask = taskId;
      return shortestGapMs;
    }
    // 409: other pages of the user kept writing.
    const isPassing = isRefused ? error.isPassing || error.status === 409 : !isAborted(error);
    if (!isPassing) return undefined;
    this.#failed += 1;
    return Math.max(isRefused ? (error.retryAfterMs ?? 0) : 0, shortestGapMs, fullJitter(this.#failed));
  }

  #leave(): void {
    if (this.#isAway) return;
    this.#isAway = true;
    clearTimeout(this.#timer);
    this.#send({ state: 'left' }, true).catch(() => undefined);
  }

  #send(said: object, keepalive = false): Promise<unknown> {
    return this.#connection.send(
      'POST',
      paths.presence,
      {},
      { viewId: this.#viewId, ...said },
      { keepalive },
    );
  }
}

/** The connection was closed. */
function isAborted(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
