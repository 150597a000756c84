import { jitter } from '../clock.ts';
import type { ConnectionView } from '../connections/connection-view.ts';
import type { Observer } from '../observer.ts';
import type { SessionPorts } from './ports.ts';
import type { EndReason } from '../../protocol/end-reasons.ts';
import type { PlannedEnds } from './planned-ends.ts';
import { drainNoticeMs, lookIntervalMs, patienceMs } from '../connections/drain.ts';

/** What is known of a stream's end when it opens, epoch milliseconds. */
export interface StreamTimes {
  readonly connectedAt: number;
  readonly ends: PlannedEnds;
  /** When the client's lease runs out unless it renews it; undefined without one. */
  readonly leaseUntil?: number | undefined;
}

export type EndWatchPorts = Pick<SessionPorts, 'clock' | 'random' | 'connection'> & {
  readonly observer: Pick<Observer, 'trouble'>;
};

/** By what part of `lookIntervalMs` looks follow each other, by chance: from, to. */
export const lookJitter = [0.8, 1] as const;

/** Wakes those that wait for something else when the session must end, or its end was moved. */
const newTurn = Symbol('turn');

/** Ends a session from wherever it is. */
export class SessionEnd extends Error {
  override readonly name = 'SessionEnd';
  readonly reason: EndReason;
  constructor(reason: EndReason) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * Decides when a session ends and why: at a time that is known before, or at once because of what others have written
 * about the stream. Trouble at the connections table ends nothing but a lease, which nobody can then be sure of.
 */
export class EndWatch {
  readonly #connectedAt: number;
  readonly #ports: EndWatchPorts;
  readonly #waiting = new Set<() => void>();
  #planned: { readonly at: number; readonly reason: EndReason };
  #forcedReason: EndReason | undefined;
  #leaseUntil: number;
  /** How long a lease is, milliseconds. */
  readonly #leaseMs: number;
  #heardAt: number;
  #lookedAt: number;
  #drains = false;

  constructor({ connectedAt, ends, leaseUntil = Infinity }: StreamTimes, ports: EndWatchPorts) {
    this.#connectedAt = connectedAt;
    this.#ports = ports;
    this.#leaseUntil = leaseUntil;
    this.#leaseMs = leaseUntil - connectedAt;
    this.#heardAt = connectedAt;
    this.#lookedAt = connectedAt;
    this.#planned = (Object.entries(ends) as [keyof PlannedEnds, number][])
      .map(([reason, at]) => ({ reason, at }))
      .reduce((first, other) => (other.at < first.at ? other : first));
  }

  /** The next end that is known before: when it comes, epoch milliseconds, and why. */
  get planned(): { readonly at: number; readonly reason: EndReason } {
    return this.#planned;
  }

  /** When the client was last known to be there, epoch milliseconds: it opened the stream, or renewed its lease, or left. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Why the session must end now; undefined while it need not. */
  due(): EndReason | undefined {
    if (this.#forcedReason !== undefined) return this.#forcedReason;
    return this.#ports.clock.now() >= this.#planned.at ? this.#planned.reason : undefined;
  }

  /**
   * Waits for something, but not longer than the session lives.
   * @throws {SessionEnd} when the session must end; what the work throws.
   */
  async unlessOver<Result>(work: Promise<Result>): Promise<Result> {
    for (;;) {
      const done = new AbortController();
      try {
        const result = await Promise.race([work, this.#turn(done.signal)]);
        const due = this.due();
        if (due !== undefined) throw new SessionEnd(due);
        if (result !== newTurn) return result;
      } finally {
        done.abort();
      }
    }
  }

  /**
   * Calls the listener, once or more often, when the session must end now or its end has been planned anew.
   * @returns stops that.
   */
  onTurn(listener: () => void): () => void {
    this.#waiting.add(listener);
    if (this.#forcedReason !== undefined) listener();
    return () => this.#waiting.delete(listener);
  }

  /** Ends the session, from wherever it is. */
  end(reason: EndReason): void {
    this.#forcedReason ??= reason;
    this.#wake();
  }

  /** Ends the session whose client is known to have gone in this moment. */
  clientHasGone(): void {
    this.#heardAt = this.#ports.clock.now();
    this.end('disconnected');
  }

  /** Resolves when the session must end, or when its end has been planned anew; or when the signal is aborted. */
  async #turn(signal: AbortSignal): Promise<typeof newTurn> {
    const { clock } = this.#ports;
    const forced = Promise.withResolvers<void>();
    const stop = this.onTurn(forced.resolve);
    await Promise.race([forced.promise, clock.sleep(this.#planned.at - clock.now(), signal)]);
    stop();
    return newTurn;
  }

  /** Looks at the stream's item every few seconds, until the signal is aborted or the session must end. */
  async watch(signal: AbortSignal): Promise<void> {
    const { clock, random, connection } = this.#ports;
    // Nobody could renew a lease before the client knew of its stream.
    this.#leaseUntil += clock.now() - this.#connectedAt;
    while (!signal.aborted && this.#forcedReason === undefined) {
      const pause = jitter(random, ...lookJitter) * lookIntervalMs;
      await clock.sleep(Math.min(pause, this.#leaseUntil - clock.now()), signal);
      if (signal.aborted) return;
      // A lease may have been renewed in this moment.
      const lookedBefore = this.#lookedAt;
      this.#lookedAt = clock.now();
      const isDecisive = this.#lookedAt >= this.#leaseUntil;
      const view = await this.#patiently('the connection cannot be looked at', () =>
        connection.look(isDecisive),
      );
      if (view) await this.#judge(view, lookedBefore);
      if (this.#forcedReason === undefined && clock.now() >= this.#leaseUntil) this.end('lease_expired');
    }
  }

  /** What a call gives; undefined when it fails, or takes too long. The observer hears what the trouble is. */
  async #patiently<Result>(trouble: string, call: () => Promise<Result>): Promise<Result | undefined> {
    const { clock, observer } = this.#ports;
    const answered = new AbortController();
    try {
      const outOfPatience = clock.sleep(patienceMs, answered.signal).then(() => undefined);
      return await Promise.race([call(), outOfPatience]);
    } catch (error) {
      observer.trouble(trouble, error);
      return undefined;
    } finally {
      answered.abort();
    }
  }

  async #judge({ state, drain }: ConnectionView, lookedBefore: number): Promise<void> {
    const ended = state === 'gone' ? 'disconnected' : state?.ended;
    // It has said that it leaves since the look before.
    if (ended === 'disconnected') this.#heardAt = lookedBefore;
    if (ended !== undefined) return this.end(ended);
    if (state !== 'gone' && state?.leaseUntil !== undefined) this.#renew(state.leaseUntil);
    if (this.#drains || drain === undefined || this.#connectedAt >= drain.before) return;
    this.#drains = true;
    await this.endWithin(drain.spreadMs);
  }

  #renew(leaseUntil: number): void {
    this.#leaseUntil = Math.max(this.#leaseUntil, leaseUntil);
    this.#heardAt = Math.max(this.#heardAt, leaseUntil - this.#leaseMs);
  }

  /**
   * Plans an earlier end, as of a deploy, and notes it in the item first: the limits must let the client's next stream in beside this
   * one.
   */
  async endWithin(spreadMs: number): Promise<void> {
    const { clock, random, connection } = this.#ports;
    const at = clock.now() + drainNoticeMs + random() * spreadMs;
    if (at >= this.#planned.at) return;
    await this.#patiently('the deadline cannot be moved', () => connection.moveDeadline(at));
    this.#planned = { at, reason: 'deploy' };
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
  }
}
