import type { AskedEnd, EndNews } from '../connections/end-feed.ts';
import { patiently } from '../connections/patiently.ts';
import type { Observer } from '../observer.ts';
import type { SessionPorts } from './ports.ts';
import type { EndReason } from '../../protocol/end-reasons.ts';
import type { PlannedEnds } from './planned-ends.ts';
import { drainNoticeMs, lookIntervalMs } from '../connections/drain.ts';

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

/**
 * How long before a lease runs out it is looked at, milliseconds, or a third of it where that is shorter: often enough that
 * a table that cannot be read for a moment ends no stream whose client is there.
 */
const mostEarlyMs = 10_000;

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
  #drains = false;

  constructor({ connectedAt, ends, leaseUntil = Infinity }: StreamTimes, ports: EndWatchPorts) {
    this.#connectedAt = connectedAt;
    this.#ports = ports;
    this.#leaseUntil = leaseUntil;
    this.#leaseMs = leaseUntil - connectedAt;
    this.#heardAt = connectedAt;
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
   * Waits for something to happen, so many milliseconds at the most.
   * @returns whether it has.
   * @throws {SessionEnd} when the session must end meanwhile.
   */
  async happensWithin(event: Promise<void>, milliseconds: number): Promise<boolean> {
    const given = new AbortController();
    try {
      const patience = this.#ports.clock.sleep(milliseconds, given.signal).then(() => false);
      return await this.unlessOver(Promise.race([event.then(() => true), patience]));
    } finally {
      given.abort();
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

  /** Hears of what others want, and waits for the end of the lease, until the signal is aborted or the session must end. */
  async watch(signal: AbortSignal): Promise<void> {
    const { clock, connection } = this.#ports;
    connection.follow((news) => this.#hear(news), signal);
    // Nobody could renew a lease before the client knew of its stream.
    this.#leaseUntil += clock.now() - this.#connectedAt;
    const earlyMs = Math.min(this.#leaseMs / 3, mostEarlyMs);
    while (this.#leaseUntil < Infinity && this.#forcedReason === undefined) {
      const leftMs = this.#leaseUntil - clock.now();
      await clock.sleep(leftMs > earlyMs ? leftMs - earlyMs : Math.min(leftMs, lookIntervalMs), signal);
      if (signal.aborted) return;
      await this.#look();
      if (clock.now() >= this.#leaseUntil) this.end('lease_expired');
    }
  }

  async #look(): Promise<void> {
    const { connection } = this.#ports;
    const state = await patiently('the connection cannot be looked at', this.#ports, () =>
      connection.state(),
    );
    if (state?.asked) this.#endAsAsked(state.asked);
    if (state?.leaseUntil !== undefined) this.#renew(state.leaseUntil);
  }

  #endAsAsked({ reason, at }: AskedEnd): void {
    // Whoever leaves says so.
    if (reason === 'disconnected') this.#heardAt = Math.max(this.#heardAt, at);
    this.end(reason);
  }

  #hear({ asked, drain }: EndNews): void {
    if (asked === 'unknown') void this.#look();
    else if (asked !== undefined) return this.#endAsAsked(asked);
    if (this.#drains || drain === undefined || this.#connectedAt >= drain.before) return;
    this.#drains = true;
    void this.endWithin(drain.spreadMs);
  }

  #renew(leaseUntil: number): void {
    this.#leaseUntil = Math.max(this.#leaseUntil, leaseUntil);
    this.#heardAt = Math.max(this.#heardAt, leaseUntil - this.#leaseMs);
  }

  /**
   * Plans an earlier end, as of a deploy, and notes it in the item first: the limits must let the client's next stream in
   * beside this one.
   */
  async endWithin(spreadMs: number): Promise<void> {
    const { clock, random, connection } = this.#ports;
    const at = clock.now() + drainNoticeMs + random() * spreadMs;
    if (at >= this.#planned.at) return;
    await patiently('the deadline cannot be moved', this.#ports, () => connection.moveDeadline(at));
    this.#planned = { at, reason: 'deploy' };
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
  }
}
