import type { Clock } from '../clock.ts';
import type { Observer } from '../observer.ts';
import type { ConnectionKey, SeenState } from './connection.ts';
import type { ConnectionView } from './connection-view.ts';
import type { Drain } from './drain.ts';
import { drainIntervalMs } from './drain.ts';

/** What looking needs of the connections table. */
export interface ConnectionStates {
  /**
   * The items of some connections, in their order.
   * @param consistent whether they must be as they are now, and not as they were a moment ago.
   * @throws when the table cannot be read at all.
   */
  readStates(keys: readonly ConnectionKey[], consistent: boolean): Promise<readonly SeenState[]>;
  /** The last drain; undefined where there was none. */
  readDrain(): Promise<Drain | undefined>;
}

/** The most keys that one read takes. Source: BatchGetItem in the DynamoDB API reference. */
const mostKeys = 100;

/** How long looks are collected to share a read, milliseconds. */
export const collectMs = 20;

interface Look {
  readonly key: ConnectionKey;
  readonly isDecisive: boolean;
  readonly resolve: (state: SeenState) => void;
  readonly reject: (error: unknown) => void;
}

/** What a watch works with. */
export interface WatchPorts {
  readonly clock: Clock;
  readonly observer: Pick<Observer, 'trouble'>;
}

/** Looks at the items of all streams of a process, with one read for up to a hundred of them. */
export class ConnectionWatch {
  readonly #states: ConnectionStates;
  readonly #ports: WatchPorts;
  #looks: Look[] = [];
  #drain: Drain | undefined;
  #drainReadAt = -Infinity;

  constructor(states: ConnectionStates, ports: WatchPorts) {
    this.#states = states;
    this.#ports = ports;
  }

  /**
   * Reads what others have written about a connection. It does not wait for the drain marker: the last one known counts
   * until the table answers.
   * @param isDecisive whether to read consistently. That an item is gone is always made sure of by a consistent read.
   * @throws what the table throws.
   */
  async look(key: ConnectionKey, isDecisive: boolean): Promise<ConnectionView> {
    const { promise, resolve, reject } = Promise.withResolvers<SeenState>();
    this.#looks.push({ key, isDecisive, resolve, reject });
    if (this.#looks.length === 1) void this.#readSoon();
    void this.#readDrain();
    const state = await promise;
    return { state, drain: this.#drain };
  }

  async #readSoon(): Promise<void> {
    await this.#ports.clock.sleep(collectMs);
    const looks = this.#looks;
    this.#looks = [];
    for (const consistent of [false, true]) {
      const alike = looks.filter(({ isDecisive }) => isDecisive === consistent);
      for (let from = 0; from < alike.length; from += mostKeys) {
        void this.#read(alike.slice(from, from + mostKeys), consistent);
      }
    }
  }

  async #read(looks: readonly Look[], consistent: boolean): Promise<void> {
    try {
      const seen = await this.#states.readStates(
        looks.map(({ key }) => key),
        consistent,
      );
      const gone = looks.filter((_, index) => seen[index] === 'gone');
      for (const [index, { resolve }] of looks.entries()) {
        if (consistent || seen[index] !== 'gone') resolve(seen[index]);
      }
      // A replica that lags behind may not have an item yet: an end is for good, and worth another read.
      if (!consistent && gone.length > 0) await this.#read(gone, true);
    } catch (error) {
      for (const { reject } of looks) reject(error);
    }
  }

  /** Reads the drain marker when it is time to; one that could not be read is read again for the next look. */
  async #readDrain(): Promise<void> {
    const now = this.#ports.clock.now();
    if (now - this.#drainReadAt < drainIntervalMs) return;
    this.#drainReadAt = now;
    try {
      this.#drain = await this.#states.readDrain();
    } catch (error) {
      this.#ports.observer.trouble('the drain marker cannot be read', error);
      this.#drainReadAt = -Infinity;
    }
  }
}
