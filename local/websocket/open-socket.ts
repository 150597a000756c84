import type { WebSocket } from 'ws';
import type { Ending } from './limits.ts';
import { endingByClient, endings, idleMs, longestMs, mostWaiting } from './limits.ts';
import type { SocketFacts } from './socket-event.ts';
import type { Timers } from './timers.ts';

/** What becomes of a connection. */
export interface SocketObserver {
  readonly message: (text: string) => void;
  /** It was sent a message. */
  readonly sent: () => void;
  /** It has ended; called once. */
  readonly ended: (ending: Ending) => void;
}

/**
 * An open connection, with the limits of API Gateway. A message in either direction keeps it from being idle. Of control
 * frames AWS does not say whether they do, so here they do not: nobody is to rely on them.
 */
export class OpenSocket {
  readonly facts: SocketFacts;
  readonly #webSocket: WebSocket;
  readonly #timers: Timers;
  readonly #callOff: Array<() => void> = [];
  readonly #sent: () => void;
  #lastActiveAt: number;
  /** Why the API ends it; undefined while it does not. */
  #ending: Ending | undefined;

  constructor(webSocket: WebSocket, facts: SocketFacts, timers: Timers, observer: SocketObserver) {
    this.facts = facts;
    this.#webSocket = webSocket;
    this.#timers = timers;
    this.#sent = () => observer.sent();
    this.#lastActiveAt = timers.now();
    this.#watchIdleness(idleMs);
    this.#later(facts.connectedAt + longestMs - timers.now(), () => this.end(endings.overdue));
    webSocket.on('message', (data: Buffer, isBinary: boolean) => {
      this.#touch();
      if (isBinary) this.end(endings.binary);
      if (this.#ending === undefined) observer.message(data.toString('utf8'));
    });
    webSocket.on('error', (error: NodeJS.ErrnoException) => {
      // The library closes the connection; this is what the client is told.
      if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.#ending ??= endings.tooLarge;
    });
    webSocket.once('close', (code: number, reason: Buffer) => {
      for (const callOff of this.#callOff) callOff();
      observer.ended(this.#ending ?? endingByClient(code, reason.toString('utf8')));
    });
  }

  /** Epoch milliseconds. */
  get lastActiveAt(): number {
    return this.#lastActiveAt;
  }

  /** False from when on it is being ended, by either side. */
  get isOpen(): boolean {
    return this.#ending === undefined && this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  /**
   * Sends a message.
   * @returns false where the client reads too slowly for it to wait any more.
   */
  send(text: string): boolean {
    if (!this.isOpen) return true;
    if (this.#webSocket.bufferedAmount > mostWaiting) return false;
    this.#touch();
    this.#webSocket.send(text);
    this.#sent();
    return true;
  }

  end(ending: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#webSocket.close(ending.code);
  }

  #touch(): void {
    this.#lastActiveAt = this.#timers.now();
  }

  #watchIdleness(milliseconds: number): void {
    this.#later(milliseconds, () => {
      const left = this.#lastActiveAt + idleMs - this.#timers.now();
      if (left <= 0) this.end(endings.overdue);
      else this.#watchIdleness(left);
    });
  }

  #later(milliseconds: number, run: () => void): void {
    this.#callOff.push(this.#timers.after(milliseconds, run));
  }
}
