import type { EndReason } from '../../protocol/end-reasons.ts';
import type { Clock, Random } from '../clock.ts';
import { jitter } from '../clock.ts';
import type { Observer } from '../observer.ts';
import type { ConnectionKey } from './connection.ts';
import type { Drain } from './drain.ts';
import { drainIntervalMs, lookIntervalMs } from './drain.ts';
import { patiently } from './patiently.ts';

/** That a connection was asked to end. */
export interface AskedEnd {
  readonly reason: EndReason;
  /** When it was, epoch milliseconds. */
  readonly at: number;
}

/** The same, with the id of the connection. */
export type ConnectionEnd = AskedEnd & Pick<ConnectionKey, 'id'>;

/** What the streams of a process are told of. */
export interface EndNews {
  /** That the stream was asked to end; undefined where it was not, `unknown` where its item alone can tell. */
  readonly asked: AskedEnd | 'unknown' | undefined;
  /** The last drain; undefined where there was none. */
  readonly drain: Drain | undefined;
}

/** What following needs of the connections table. */
export interface EndSource {
  /**
   * The connections of a workspace that were asked to end at a time (epoch milliseconds) or later. Not read consistently.
   * `no index` where the table cannot tell yet.
   * @throws what the table throws.
   */
  asked(workspace: string, since: number): Promise<readonly ConnectionEnd[] | 'no index'>;
  /**
   * The last drain; undefined where there was none.
   * @throws what the table throws.
   */
  drain(): Promise<Drain | undefined>;
}

/** What following works with. */
export interface EndFeedOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: Pick<Observer, 'trouble'>;
}

/** By what part of `lookIntervalMs` looks follow each other, by chance: from, to. */
export const lookJitter = [0.8, 1] as const;

/**
 * How far each look goes back, milliseconds: further than any stream is old, so that nothing is missed, however late the
 * index, wrong a clock, or long the trouble. What ends removes its item; only what was killed is left, until then.
 */
const lookBackMs = 20 * 60_000;

type Listener = (news: EndNews) => void;

/**
 * Tells the streams of a process why they must end, with one read for all of a workspace. Trouble at the table ends nothing:
 * what was asked for is there at the next look.
 */
export class EndFeed {
  readonly #source: EndSource;
  readonly #options: EndFeedOptions;
  /** Workspace → id of a connection → who hears of it. */
  readonly #followed = new Map<string, Map<string, Listener>>();
  #drain: Drain | undefined;
  /** From when on the marker of a drain is read again. */
  #drainDueAt = -Infinity;

  constructor(source: EndSource, options: EndFeedOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Tells a listener of a connection, with each look at its workspace, until the signal is aborted. */
  follow({ workspace, id }: ConnectionKey, listener: Listener, signal: AbortSignal): void {
    if (signal.aborted) return;
    const there = this.#followed.get(workspace);
    const listeners = there ?? new Map<string, Listener>();
    listeners.set(id, listener);
    signal.addEventListener('abort', () => listeners.delete(id), { once: true });
    if (there) return;
    this.#followed.set(workspace, listeners);
    void this.#look(workspace, listeners);
  }

  async #look(workspace: string, listeners: ReadonlyMap<string, Listener>): Promise<void> {
    const { clock, random } = this.#options;
    for (;;) {
      await clock.sleep(jitter(random, ...lookJitter) * lookIntervalMs);
      if (listeners.size === 0) break;
      void this.#readDrain();
      const found = await patiently('what ends connections cannot be read', this.#options, () =>
        this.#source.asked(workspace, clock.now() - lookBackMs),
      );
      const asked = found === 'no index' ? undefined : new Map(found?.map((end) => [end.id, end]));
      for (const [id, listener] of listeners)
        listener({ asked: asked ? asked.get(id) : 'unknown', drain: this.#drain });
    }
    this.#followed.delete(workspace);
  }

  /**
   * Reads the drain marker when it is time to, and tells of it. One that could not be read is read again as soon as one
   * workspace would look again, however many there are.
   */
  async #readDrain(): Promise<void> {
    const { clock, observer } = this.#options;
    const now = clock.now();
    if (now < this.#drainDueAt) return;
    this.#drainDueAt = now + drainIntervalMs;
    try {
      const drain = await this.#source.drain();
      this.#drain = drain;
      if (drain === undefined) return;
      for (const listeners of this.#followed.values())
        for (const listener of listeners.values()) listener({ asked: undefined, drain });
    } catch (error) {
      observer.trouble('the drain marker cannot be read', error);
      this.#drainDueAt = now + lookJitter[0] * lookIntervalMs;
    }
  }
}
