import type { ControlContent } from './end-words.ts';
import type { Transport } from './transport.ts';

/** A session that lived so long shows that the trouble before it is over. Milliseconds. */
const settledMs = 5_000;

/** A transport, and what is known of its session at the server. */
export class Line {
  readonly token: string;
  /** How the server has said that it ends. */
  end: ControlContent | undefined;
  readonly #transport: Transport;
  readonly #leave: (connectionId: string, token: string) => void;
  #connectionId: string | undefined;
  #establishedAt = Infinity;

  /** @param leave tells the server that nobody reads a stream any more; works while the page goes away. */
  constructor(token: string, transport: Transport, leave: (connectionId: string, token: string) => void) {
    this.token = token;
    this.#transport = transport;
    this.#leave = leave;
  }

  /** Whether a session was ever established. */
  get isEstablished(): boolean {
    return this.#connectionId !== undefined;
  }

  get isSettled(): boolean {
    return performance.now() - this.#establishedAt > settledMs;
  }

  /** Whether it ends with its token, and not with a ticket of it. */
  get isByToken(): boolean {
    return this.#transport.isByToken;
  }

  /** The server has established a session, at this time (ISO 8601). */
  establish(connectionId: string, timestamp: string): void {
    this.#connectionId = connectionId;
    this.#establishedAt = performance.now();
    this.#transport.pinged(timestamp, true);
  }

  pinged(timestamp: string): void {
    this.#transport.pinged(timestamp, false);
  }

  isDead(isDoubted: boolean): boolean {
    return this.#transport.isDead(isDoubted);
  }

  /** Closes it; the server ends its side when it notices. */
  close(): void {
    this.#transport.close();
  }

  /** Closes it, and tells the server where it would notice nothing. */
  leave(): void {
    this.close();
    const isKnown = this.end !== undefined || this.#transport.isClosedForServer;
    if (this.#connectionId !== undefined && !isKnown) this.#leave(this.#connectionId, this.token);
  }
}
