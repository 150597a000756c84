import { lastEventIdHeader } from '../../protocol/headers.ts';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:http';
import { createParser } from 'eventsource-parser';
import type { Frame } from './frame-order.ts';
import { FrameOrder } from './frame-order.ts';
import type { Source, SourceEnd } from './source.ts';

/** Where a client connects, and who hears what it gets. */
export interface EventSourceOptions {
  /** The address of the stream, token and other parameters in its query. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where the first stream begins; now, when it is left out. */
  readonly cursor?: string | undefined;
  /** Gives the cursor back in the query and not in the header, as a client does that is no browser. */
  readonly cursorInQuery?: boolean;
  readonly onFrame: (frame: Frame) => void;
  /** Hears that a stream has ended without the client's doing, for a while or for good. */
  readonly onEnd?: () => void;
}

const agent = new Agent({ keepAlive: false, maxSockets: Infinity });

/** What a browser waits before it reconnects until the server says otherwise. Milliseconds. */
const firstRetryMs = 300;

/**
 * A client of an event stream that does what a browser's EventSource does: it reconnects after each end with the last id
 * and after the time that `retry:` named, and takes any status but 200 and any other content type as final.
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class EventSourceClient implements Source {
  readonly #options: EventSourceOptions;
  #lastEventId: string | undefined;
  #retryMs = firstRetryMs;
  #request: ClientRequest | undefined;
  #response: IncomingMessage | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Whether it was told to stop reading. */
  isFrozen = false;
  /** How many connections got status 200. */
  connections = 0;
  /** The status that was final; undefined while the client comes back. */
  finalStatus: number | undefined;
  /** The streams that ended without the client's doing. */
  readonly ends: SourceEnd[] = [];
  /** Frames that may not come where they came, in words. */
  readonly violations: string[] = [];
  readonly toldAfterEnd: string[] = [];
  #order = new FrameOrder(false);
  #connectedAt = 0;

  constructor(options: EventSourceOptions) {
    this.#options = options;
    this.#lastEventId = options.cursor;
    this.#connect();
  }

  /** Whether the client is at work: connected, or about to reconnect. */
  get isAlive(): boolean {
    return !this.#isClosed && this.finalStatus === undefined;
  }

  /** What the next connection resumes from. */
  get cursor(): string | undefined {
    return this.#lastEventId;
  }

  /** Whether the client has left. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether a stream is open at the moment. */
  get isConnected(): boolean {
    return this.#response !== undefined;
  }

  /** How long the stream that is open has been so, milliseconds; 0 while none is. */
  get openForMs(): number {
    return this.isConnected ? Date.now() - this.#connectedAt : 0;
  }

  /** What the client waits before it reconnects, milliseconds. */
  get retryMs(): number {
    return this.#retryMs;
  }

  /** Breaks the connection off, whatever is on its way, and connects again at once. */
  cut(): void {
    this.#drop();
    if (this.isAlive) this.#connect();
  }

  /** Stops reading, without a word to the server: a laptop that was closed. */
  freeze(): void {
    this.isFrozen = true;
    this.#response?.pause();
  }

  /** Reads again. */
  thaw(): void {
    this.isFrozen = false;
    this.#response?.resume();
  }

  /** Breaks off, and stays away until it is cut. */
  leave(): void {
    this.#drop();
  }

  /** Breaks off for good. */
  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  #drop(): void {
    clearTimeout(this.#timer);
    const [outgoing, response] = [this.#request, this.#response];
    this.#request = undefined;
    this.#response = undefined;
    response?.destroy();
    outgoing?.destroy();
  }

  #connect(): void {
    const { url, headers, cursorInQuery = false } = this.#options;
    const id = this.#lastEventId;
    const target = new URL(url);
    if (id !== undefined && cursorInQuery) target.searchParams.set('lastEventId', id);
    const outgoing = request(
      target,
      {
        agent,
        headers: {
          accept: 'text/event-stream',
          ...headers,
          ...(id !== undefined && !cursorInQuery && { [lastEventIdHeader]: id }),
        },
      },
      (response) => this.#read(outgoing, response, id !== undefined),
    );
    this.#request = outgoing;
    outgoing.on('error', () => this.#reconnect(outgoing));
    outgoing.end();
  }

  #read(outgoing: ClientRequest, response: IncomingMessage, hasCursor: boolean): void {
    if (this.#request !== outgoing) return;
    const type = response.headers['content-type'] ?? '';
    if (response.statusCode !== 200 || !/^text\/event-stream(?:;|$)/.test(type)) {
      this.finalStatus = response.statusCode ?? 0;
      response.resume();
      this.#options.onEnd?.();
      return;
    }
    this.#response = response;
    this.isFrozen = false;
    this.connections += 1;
    this.#connectedAt = Date.now();
    const order = new FrameOrder(hasCursor);
    this.#order = order;
    const parser = createParser({
      onEvent: ({ id, event, data }) => {
        if (this.#request !== outgoing) return;
        if (id !== undefined) this.#lastEventId = id;
        // What comes may be anything; whoever judges it says what it must be.
        const frame = { id, event, data: JSON.parse(data), at: Date.now() } as Frame;
        this.violations.push(...order.take(frame));
        this.#options.onFrame(frame);
      },
      onRetry: (milliseconds) => {
        this.#retryMs = milliseconds;
      },
    });
    response.setEncoding('utf8').on('data', (text: string) => {
      if (this.#request === outgoing) parser.feed(text);
    });
    response.on('error', () => {
      // 'close' follows.
    });
    response.once('close', () => this.#reconnect(outgoing));
  }

  #reconnect(outgoing: ClientRequest): void {
    if (this.#request !== outgoing || this.#isClosed) return;
    if (this.#response !== undefined) {
      const at = Date.now();
      const { end } = this.#order;
      this.ends.push({
        reason: end?.data.reason,
        saidAt: end?.at,
        at,
        milliseconds: at - this.#connectedAt,
      });
    }
    this.#request = undefined;
    this.#response = undefined;
    this.#timer = setTimeout(() => this.#connect(), this.#retryMs);
    this.#options.onEnd?.();
  }
}
