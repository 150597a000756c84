import { Liveness, pageClocks } from './liveness.ts';
import type { Transport, TransportListener, TransportRequest } from './transport.ts';

/** What transports of event streams have in common: they are dead when pings stay away, and the server does not see them go. */
export abstract class StreamTransport implements Transport {
  abstract readonly isByToken: boolean;
  readonly isClosedForServer = false;
  protected readonly listener: TransportListener;
  protected readonly liveness: Liveness;
  readonly #closing = new AbortController();

  constructor({ openingMs }: TransportRequest, listener: TransportListener) {
    this.listener = listener;
    this.liveness = new Liveness(pageClocks, openingMs);
  }

  isDead(isDoubted: boolean): boolean {
    return isDoubted ? this.liveness.isDoubtful : this.liveness.isSilent;
  }

  pinged(timestamp: string, isFirst: boolean): void {
    this.liveness.heardPing(timestamp, isFirst);
  }

  close(): void {
    this.#closing.abort();
  }

  /** Aborted when it is closed. */
  protected get signal(): AbortSignal {
    return this.#closing.signal;
  }

  protected end(error: unknown, retryMs?: number): void {
    if (this.signal.aborted) return;
    this.close();
    this.listener.onEnd({ error, retryMs });
  }
}
