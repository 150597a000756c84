import type { Clock, Random } from '../clock.ts';
import { jitter } from '../clock.ts';
import type { Observer } from '../observer.ts';
import type { AwarenessEntry } from './entries.ts';

/** An entry with the name that it has in the table. */
export interface NamedEntry {
  /** Those that were made later come later by their names, but for the difference of two clocks. */
  readonly name: string;
  readonly entry: AwarenessEntry;
}

/** What following needs of the table. */
export interface EntrySource {
  /**
   * The entries of a workspace that were made from a time on (epoch milliseconds), in their order. Not read consistently.
   * @throws what the table throws.
   */
  since(workspace: string, from: number): Promise<readonly NamedEntry[]>;
}

export interface FeedOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: Pick<Observer, 'trouble'>;
}

/** Time between two polls, milliseconds: what is said is to be told within a second. */
export const feedPollMs = 500;

/** By what part of that polls follow each other, by chance: from, to. */
export const feedJitter = [0.8, 1] as const;

/** How far each poll looks back, milliseconds: for clocks that differ, reads that lag behind, and who begins to follow. */
export const feedOverlapMs = 7000;

/** How long nothing is polled after a failure, milliseconds. */
const troubleMs = 3000;

/** How far a poll looks back after a failure at the most, milliseconds: as long as entries are there for certain. */
export const feedKeptMs = 60_000;

/** @param isComplete false where some may have been lost before these. */
type Listener = (entries: readonly AwarenessEntry[], isComplete: boolean) => void;

/** Those who follow one workspace, and what they were given. */
interface Followed {
  readonly listeners: Set<Listener>;
  given: ReadonlyMap<string, AwarenessEntry>;
}

/** Follows what is said in workspaces, with one poller for all the streams of a process that follow the same one. */
export class AwarenessFeed {
  readonly #source: EntrySource;
  readonly #options: FeedOptions;
  readonly #followed = new Map<string, Followed>();

  constructor(source: EntrySource, options: FeedOptions) {
    this.#source = source;
    this.#options = options;
  }

  /**
   * Gives a listener what was said lately, and what is said from now on, each entry once, until the signal is aborted.
   * It is polled for as long as somebody listens.
   */
  follow(workspace: string, listener: Listener, signal: AbortSignal): void {
    const there = this.#followed.get(workspace);
    const followed = there ?? { listeners: new Set(), given: new Map() };
    followed.listeners.add(listener);
    signal.addEventListener('abort', () => followed.listeners.delete(listener), { once: true });
    if (there) return listener([...there.given.values()], true);
    this.#followed.set(workspace, followed);
    void this.#poll(workspace, followed);
  }

  async #poll(workspace: string, followed: Followed): Promise<void> {
    const { clock, random, observer } = this.#options;
    let readAt = clock.now();
    while (followed.listeners.size > 0) {
      let pause = feedPollMs;
      try {
        const now = clock.now();
        const isComplete = now - readAt < feedKeptMs - feedOverlapMs;
        const from = isComplete ? readAt - feedOverlapMs : now - feedKeptMs;
        const found = await this.#source.since(workspace, from);
        readAt = now;
        const fresh = found.filter(({ name }) => !followed.given.has(name)).map(({ entry }) => entry);
        followed.given = new Map(found.map(({ name, entry }) => [name, entry]));
        if (fresh.length === 0 && isComplete) continue;
        for (const listener of followed.listeners) listener(fresh, isComplete);
      } catch (error) {
        observer.trouble('what is said of other users cannot be read', error);
        pause = troubleMs;
      } finally {
        await clock.sleep(jitter(random, ...feedJitter) * pause);
      }
    }
    this.#followed.delete(workspace);
  }
}
