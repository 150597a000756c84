import { randomUUID } from 'node:crypto';
import type { ViewState } from '../../protocol/awareness.ts';
import { pathTo, paths } from '../../protocol/routes.ts';
import { callApi } from './api.ts';

/** What a page says of itself. */
export interface SaidOfPage {
  readonly viewId: string;
  readonly state: ViewState;
  readonly taskId?: number | undefined;
  readonly lease: number;
}

/** How a page says something, over whichever transport. Each gives the HTTP status, or the one that an error stands for. */
export interface Mouth {
  view(said: SaidOfPage): Promise<number>;
  type(taskId: number, typing: boolean): Promise<number>;
}

/** The least lease that there is, seconds. */
export const leastLeaseSeconds = 10;

/** How much earlier than its lease runs out a page says the same again: the part of the lease that it waits. */
const renewedAfter = 0.3;

/** A page of a user, which says how it is seen, and again before its lease runs out. */
export class Page {
  readonly viewId = randomUUID();
  readonly #mouth: Mouth;
  readonly #lease: number;
  #last: { readonly state: ViewState; readonly taskId: number | undefined } | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When its lease began that it was granted last; epoch milliseconds. */
  saidAt = 0;
  /** Answers that a page which says the right things may not get, in words. */
  readonly refused: string[] = [];

  constructor(mouth: Mouth, lease = leastLeaseSeconds) {
    this.#mouth = mouth;
    this.#lease = lease;
  }

  /**
   * Says how it is seen from now on. Of a task that its user may not see it is refused, and stays as it was.
   * @returns whether it was taken.
   */
  async say(state: ViewState, taskId?: number, mayBeHidden = false): Promise<boolean> {
    clearTimeout(this.#timer);
    const before = this.#last;
    const status = await this.#send(state, taskId, mayBeHidden);
    if (status === 200) this.#last = { state, taskId };
    else this.#last = before;
    if (this.#last !== undefined && this.#last.state !== 'left') this.#renewLater();
    return status === 200;
  }

  /** Says that its user types at a task, or has stopped. */
  async type(taskId: number, typing: boolean): Promise<void> {
    this.#note('typing', await this.#mouth.type(taskId, typing));
  }

  /** Says nothing any more. */
  crash(): void {
    clearTimeout(this.#timer);
    this.#last = undefined;
  }

  #renewLater(): void {
    this.#timer = setTimeout(() => void this.#renew(), renewedAfter * this.#lease * 1000);
  }

  async #renew(): Promise<void> {
    const last = this.#last;
    if (last === undefined) return;
    // Its task may be hidden by now: then it is at none.
    const isTaken = (await this.#send(last.state, last.taskId, true)) === 200;
    if (this.#last !== last) return;
    if (isTaken) this.#renewLater();
    else await this.say(last.state);
  }

  async #send(state: ViewState, taskId: number | undefined, mayBeHidden: boolean): Promise<number> {
    const began = Date.now();
    const said = { viewId: this.viewId, state, taskId, lease: this.#lease };
    const status = await this.#mouth.view(said).catch((error: unknown) => {
      this.refused.push(`presence was not answered: ${(error as Error).message}`);
      return 0;
    });
    if (status === 200) this.saidAt = began;
    if (status !== 404 || !mayBeHidden) this.#note('presence', status);
    return status;
  }

  #note(what: string, status: number): void {
    if (status !== 200) this.refused.push(`${what} was answered ${status}`);
  }
}

/** Says it by requests. */
export class HttpMouth implements Mouth {
  readonly #origin: string;
  readonly #token: string;

  constructor(origin: string, token: string) {
    this.#origin = origin;
    this.#token = token;
  }

  view(said: SaidOfPage): Promise<number> {
    return this.#post(paths.presence, said);
  }

  type(taskId: number, typing: boolean): Promise<number> {
    return this.#post(pathTo(paths.typing, taskId), { typing });
  }

  async #post(path: string, body: object): Promise<number> {
    return (await callApi(this.#origin, this.#token, 'POST', path, { body })).status;
  }
}
