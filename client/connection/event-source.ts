import type { ControlFrame } from '../protocol/frames.ts';
import { controlFrames } from '../protocol/frames.ts';
import { paths } from '../protocol/routes.ts';
import { Liveness } from './liveness.ts';

/** A frame of a stream: its name, or `message` where it has none. */
export interface StreamFrame {
  readonly name: 'message' | ControlFrame;
  /** The cursor; empty where the frame has none. */
  readonly id: string;
  /** JSON text. */
  readonly data: string;
}

export interface StreamConnectionListener {
  readonly onFrame: (connection: StreamConnection, frame: StreamFrame) => void;
  /** The connection broke; `isFinal` when EventSource does not try again by itself. */
  readonly onError: (connection: StreamConnection, isFinal: boolean) => void;
}

/** `message` is what EventSource calls a frame without a name. */
const frameNames = ['message', ...controlFrames] as const;

/** One EventSource on the stream, which reconnects by itself with its cursor. */
export class StreamConnection {
  readonly token: string;
  /** Whether something still comes: EventSource never asks. */
  readonly liveness: Liveness;
  readonly #source: EventSource;
  #connectionId: string | undefined;

  /**
   * @param cursor where to go on; empty to start now.
   * @param openingMs how long the answer may take, when that is not as long as it may at all.
   */
  constructor(
    token: string,
    cursor: string,
    openingMs: number | undefined,
    { onFrame, onError }: StreamConnectionListener,
  ) {
    this.token = token;
    this.liveness = new Liveness({ now: () => Date.now(), monotonic: () => performance.now() }, openingMs);
    const query = new URLSearchParams({ token });
    if (cursor !== '') query.set('lastEventId', cursor);
    this.#source = new EventSource(`${paths.stream}?${query.toString()}`);
    for (const name of frameNames) {
      this.#source.addEventListener(name, ({ lastEventId: id, data }: MessageEvent<string>) => {
        this.liveness.heard();
        onFrame(this, { name, id, data });
      });
    }
    this.#source.addEventListener('open', () => this.liveness.opened());
    this.#source.addEventListener('error', () => {
      this.liveness.lost();
      onError(this, this.#source.readyState === EventSource.CLOSED);
    });
  }

  /** Whether a session was ever established. */
  get isEstablished(): boolean {
    return this.#connectionId !== undefined;
  }

  /** The server has established a session, under this id, at this time (ISO 8601). */
  established(connectionId: string, timestamp: string): void {
    this.#connectionId = connectionId;
    this.liveness.heardPing(timestamp, true);
  }

  /** Closes it; the server ends its side when it notices. */
  close(): void {
    this.#source.close();
  }

  /** Closes it and tells the server, which notices nothing by itself; works while the page goes away. */
  leave(): void {
    this.close();
    if (this.#connectionId === undefined) return;
    const { token } = this;
    navigator.sendBeacon(paths.disconnect, JSON.stringify({ connectionId: this.#connectionId, token }));
  }
}
