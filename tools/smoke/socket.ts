import { bearerPrefix, subprotocol } from '../../protocol/web-socket.ts';
import { isObject } from './http-answer.ts';

/** A frame of the server, as it came. */
export interface SocketMessage {
  readonly event: unknown;
  readonly id: unknown;
  readonly data: Readonly<Record<string, unknown>>;
  /** Milliseconds of `performance.now()`. */
  readonly receivedAt: number;
}

/** A WebSocket as a browser opens it: the token among the subprotocols, and no word of why it was refused. */
export class SmokeSocket {
  readonly frames: SocketMessage[] = [];
  readonly #webSocket: WebSocket;
  #isOpen = true;
  #wake: () => void = () => undefined;

  private constructor(webSocket: WebSocket) {
    this.#webSocket = webSocket;
    webSocket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      this.frames.push(readFrame(data));
      this.#wake();
    });
    webSocket.addEventListener('close', () => {
      this.#isOpen = false;
      this.#wake();
    });
  }

  /** Opens a connection; undefined where it is refused. Rejects with the reason of the signal. */
  static async open(url: URL, token: string, signal: AbortSignal): Promise<SmokeSocket | undefined> {
    const webSocket = new WebSocket(url, [subprotocol, `${bearerPrefix}${token}`]);
    const { promise, resolve, reject } = Promise.withResolvers<SmokeSocket | undefined>();
    webSocket.addEventListener('open', () => resolve(new SmokeSocket(webSocket)));
    webSocket.addEventListener('error', () => resolve(undefined));
    signal.addEventListener('abort', () => {
      webSocket.close();
      reject(signal.reason as Error);
    });
    return promise;
  }

  say(message: object): void {
    this.#webSocket.send(JSON.stringify(message));
  }

  /**
   * Waits for something among the frames.
   * @returns undefined where the connection ends before. Rejects with the reason of the signal.
   */
  async until<Found>(
    find: (frames: readonly SocketMessage[]) => Found | undefined,
    signal: AbortSignal,
  ): Promise<Found | undefined> {
    for (;;) {
      const found = find(this.frames);
      if (found !== undefined || !this.#isOpen) return found;
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  close(): void {
    this.#webSocket.close();
  }
}

function readFrame(text: unknown): SocketMessage {
  const frame: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
  const { event, id, data } = isObject(frame) ? frame : {};
  return { event, id, data: isObject(data) ? data : {}, receivedAt: performance.now() };
}
