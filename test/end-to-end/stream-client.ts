import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:http';
import { createParser } from 'eventsource-parser';
import { inspectFrame, isWatched } from '../traffic/watch.ts';

/** Browsers keep connections alive too; one stream has one for itself. */
const agent = new Agent({ keepAlive: true, maxSockets: Infinity });

/** A frame that a client has received. `data` is parsed JSON. */
export interface ReceivedFrame {
  readonly id: string | undefined;
  readonly event: string | undefined;
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests look at the JSON as a client would
  readonly data: any;
}

/** A client of an event stream that can be cut at any frame and tells when what it waits for is there. */
export class StreamClient {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly frames: ReceivedFrame[] = [];
  /** Resolves when the stream has ended, by either side. */
  readonly ended: Promise<void>;
  /** What `retry:` told, milliseconds. */
  retry: number | undefined;
  readonly #response: IncomingMessage;
  readonly #waiting = new Set<() => void>();
  #open = true;

  /** @param onFrame called at each frame, when it is the last of `frames`. */
  private constructor(
    response: IncomingMessage,
    isInspected: boolean,
    onFrame?: (stream: StreamClient) => void,
  ) {
    this.#response = response;
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    const parser = createParser({
      onEvent: ({ id, event, data }) => {
        if (!this.#open) return;
        const frame = { id, event, data: JSON.parse(data) as unknown };
        if (isInspected) inspectFrame(frame);
        this.frames.push(frame);
        onFrame?.(this);
        this.#wake();
      },
      onRetry: (retry) => {
        this.retry = retry;
      },
    });
    response.setEncoding('utf8').on('data', (text: string) => parser.feed(text));
    response.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      response.once('close', () => {
        this.#open = false;
        this.#wake();
        resolve();
      });
    });
  }

  /**
   * Opens a stream.
   * @param onFrame called with the stream at each frame, the newest being the last of `frames`.
   */
  static open(
    url: string,
    headers: Readonly<Record<string, string>> = {},
    onFrame?: (stream: StreamClient) => void,
  ): Promise<StreamClient> {
    return new Promise((resolve, reject) => {
      request(url, { headers, agent }, (response) =>
        resolve(new StreamClient(response, isWatched(url), onFrame)),
      )
        .once('error', reject)
        .end();
    });
  }

  /** Resolves when the frames so far fulfil a condition; rejects when the stream ends before. */
  async until(condition: (frames: readonly ReceivedFrame[]) => boolean): Promise<readonly ReceivedFrame[]> {
    while (!condition(this.frames)) {
      if (!this.#open) {
        throw new Error(
          `the stream ended with status ${this.status} after ${JSON.stringify(this.frames.slice(-3))}`,
        );
      }
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
      });
    }
    return this.frames;
  }

  /** The frames so far but for pings, which come by the clock. */
  get withoutPings(): readonly ReceivedFrame[] {
    return this.frames.filter(({ event }) => event !== 'ping');
  }

  /** The task events so far. */
  get events(): readonly ReceivedFrame['data'][] {
    return this.frames
      .map(({ data }) => data)
      .filter(({ type }) => typeof type === 'string' && type.startsWith('task.'));
  }

  /** The cursor of the last frame that has one: it stays as it is where a frame has none. */
  get cursor(): string {
    return this.frames.findLast(({ id }) => id !== undefined)!.id!;
  }

  /** Breaks the connection off; frames that are on their way are not received any more. */
  cut(): void {
    this.#open = false;
    this.#response.destroy();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
