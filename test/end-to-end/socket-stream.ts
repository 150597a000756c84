import type { Follower, ReceivedSocketFrame } from '../../faults/board/follower.ts';
import { follower } from '../../faults/board/follower.ts';
import { SocketClient } from '../socket-client.ts';
import type { ReceivedFrame } from './stream-client.ts';

type Options = Readonly<Record<string, unknown>>;

/** How long it waits for a frame until it asks, milliseconds: a busy machine may give a push up, which only a ping finds. */
const askAfterMs = 10_000;

/** A client of a WebSocket that follows the document, and looks like one of an event stream to a test. */
export class SocketStream {
  /** Everything that has come, in the order in which it came. */
  readonly received: ReceivedSocketFrame[] = [];
  /** What the rules of the document make of it. */
  readonly frames: ReceivedFrame[] = [];
  readonly #client: SocketClient;
  readonly #follower: Follower<Options>;
  readonly #waiting = new Set<() => void>();

  private constructor(client: SocketClient) {
    this.#client = client;
    this.#follower = follower<Options>(
      (said) => client.send(JSON.stringify(said)),
      ({ id, event, data }) => this.frames.push({ id, event: event === 'message' ? undefined : event, data }),
    );
    void this.#listen();
  }

  /** Opens a connection and subscribes; resolves when it is told that it has everything. */
  static async open(
    url: string,
    options: Options = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<SocketStream> {
    const stream = new SocketStream(await SocketClient.open(url, { headers }));
    stream.subscribe(options);
    await stream.until(() => stream.received.some(({ event }) => event === 'live'));
    return stream;
  }

  subscribe(options: Options): void {
    this.#follower.subscribe(options);
  }

  ping(): void {
    this.#follower.ping();
  }

  /** Sends any message. */
  say(message: object): void {
    this.#client.send(JSON.stringify(message));
  }

  /** How the connection has ended, once it has. */
  get ended(): Promise<{ readonly code: number }> {
    return this.#client.closed;
  }

  /** The task events, as JSON. */
  get events(): ReceivedFrame['data'][] {
    return this.frames
      .filter(({ event, data }) => event === undefined && data.type !== 'connection.established')
      .map(({ data }) => data);
  }

  /** The id of the last frame that has one. */
  get cursor(): string {
    return this.frames.findLast(({ id }) => id !== undefined)!.id!;
  }

  /** Resolves when a condition holds that is looked at with each frame. */
  async until(condition: (frames: readonly ReceivedFrame[]) => boolean): Promise<void> {
    while (!condition(this.frames)) {
      const asking = setInterval(() => this.ping(), askAfterMs);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
      clearInterval(asking);
    }
  }

  cut(): void {
    this.#client.webSocket.terminate();
  }

  async #listen(): Promise<void> {
    for (;;) {
      const frame = (await this.#client.nextJson()) as ReceivedSocketFrame;
      this.received.push(frame);
      this.#follower.receive(frame);
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    }
  }
}
