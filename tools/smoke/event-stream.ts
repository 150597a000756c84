import { FrameParser } from './frame-parser.ts';
import type { Frame } from './frame-parser.ts';
import type { HttpAnswer } from './http-answer.ts';
import { jsonOrText } from './json-or-text.ts';

/** A frame, and when it came: milliseconds of `performance.now()`. */
export interface ReceivedFrame extends Frame {
  readonly receivedAt: number;
}

/** A stream that is or was open. */
export class EventStream {
  readonly frames: ReceivedFrame[] = [];
  readonly #response: Response;
  readonly #controller: AbortController;
  readonly #waiting = new Set<() => void>();
  #ended = false;

  private constructor(response: Response, controller: AbortController) {
    this.#response = response;
    this.#controller = controller;
  }

  /**
   * Opens a stream and gives it when status and headers have come. Rejects as `fetch` does, and with the reason of
   * the signal, which counts until then only.
   */
  static async open(
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<EventStream> {
    const controller = new AbortController();
    const giveUp = (): void => controller.abort(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      const response = await fetch(url, {
        headers: { accept: 'text/event-stream', ...headers },
        redirect: 'manual',
        signal: controller.signal,
      });
      const stream = new EventStream(response, controller);
      if (stream.isEventStream) void stream.#read();
      return stream;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  get status(): number {
    return this.#response.status;
  }

  get headers(): Headers {
    return this.#response.headers;
  }

  get isEventStream(): boolean {
    const type = this.#response.headers.get('content-type') ?? '';
    return this.status === 200 && type.startsWith('text/event-stream');
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Reads the rest as a plain answer: what comes instead of an event stream. Rejects with the signal's reason. */
  async answer(signal: AbortSignal): Promise<HttpAnswer> {
    signal.addEventListener('abort', () => this.#controller.abort(signal.reason), { once: true });
    const body = jsonOrText(await this.#response.text());
    return { request: 'GET /sse/connect', status: this.status, headers: this.headers, body };
  }

  /**
   * Gives what `find` finds in the frames so far, as soon as it is not undefined; undefined when the stream ends
   * before, or when the signal says that it takes too long.
   */
  async until<Found>(
    find: (frames: readonly ReceivedFrame[]) => Found | undefined,
    signal: AbortSignal,
  ): Promise<Found | undefined> {
    const wake = (): void => this.#wakeAll();
    signal.addEventListener('abort', wake, { once: true });
    try {
      for (;;) {
        const found = find(this.frames);
        if (found !== undefined || this.#ended || signal.aborted) return found;
        await new Promise<void>((resolve) => {
          this.#waiting.add(resolve);
        });
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  /** Leaves the stream. */
  close(): void {
    this.#controller.abort();
  }

  async #read(): Promise<void> {
    const parser = new FrameParser();
    const decoder = new TextDecoder();
    try {
      for await (const chunk of this.#response.body ?? []) {
        const receivedAt = performance.now();
        for (const frame of parser.push(decoder.decode(chunk, { stream: true }))) {
          this.frames.push({ ...frame, receivedAt });
        }
        this.#wakeAll();
      }
    } catch {
      // Broken off, by this side or the other: whoever waits sees that the stream has ended.
    }
    this.#ended = true;
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
