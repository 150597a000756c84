import type { IncomingMessage } from 'node:http';
import { createParser } from 'eventsource-parser';
import type { Clock } from '../../core/clock.ts';
import type { Established, Message } from '../../protocol/frames.ts';
import { establishedType } from '../../protocol/frames.ts';
import { errorsHeader } from '../../protocol/headers.ts';
import { paths } from '../../protocol/routes.ts';
import type { Http } from './http.ts';

/** A frame without a name, and when it came, epoch milliseconds. */
export interface Heard<Data extends Message = Message> {
  readonly data: Data;
  readonly at: number;
}

export interface ProbeStreamOptions {
  readonly http: Http;
  readonly streamUrl: string;
  readonly token: string;
  /** Breaks the stream off. */
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, 'now'>;
}

/** Longer than a run: the stream of a canary that has died ends by itself. Seconds. */
const leaseSeconds = 90;

/** The stream of one run, as any client reads it. */
export class ProbeStream {
  readonly #response: IncomingMessage;
  readonly #heard: Heard[] = [];
  readonly #waiting = new Set<() => void>();
  #fault: Error | undefined;

  private constructor(response: IncomingMessage, { clock, signal }: ProbeStreamOptions) {
    this.#response = response;
    const parser = createParser({
      onEvent: ({ event, data }) => {
        if (event === 'end') this.#end(new Error(`the stream has ended: ${data.slice(0, 100)}`));
        else if (event === undefined) this.#read(data, clock.now());
      },
    });
    response.setEncoding('utf8').on('data', (text: string) => parser.feed(text));
    response.once('error', () => this.#end(new Error('the stream has broken off')));
    response.once('close', () => this.#end(new Error('the stream has ended without a word')));
    signal.addEventListener('abort', () => this.#end(new Error('nothing was heard in time')), { once: true });
  }

  /**
   * Opens a stream.
   * @throws {UnexpectedAnswer} when it is refused; what the network throws.
   */
  static async open(options: ProbeStreamOptions): Promise<ProbeStream> {
    const { http, streamUrl, token, signal } = options;
    const url = new URL(`${paths.stream}?lease=${leaseSeconds}`, streamUrl);
    const headers = { authorization: `Bearer ${token}`, [errorsHeader]: 'status' };
    return new ProbeStream(await http.open(url, { method: 'GET', headers, signal }), options);
  }

  /** The first frame: from then on the stream tells everything. */
  established(): Promise<Heard<Established>> {
    return this.until((data): data is Established => data.type === establishedType);
  }

  /**
   * Waits for a frame, which may be there already.
   * @throws {Error} when the stream ends without it, or its signal is aborted.
   */
  async until<Data extends Message>(isIt: (data: Message) => data is Data): Promise<Heard<Data>> {
    for (;;) {
      const found = this.#heard.find((heard): heard is Heard<Data> => isIt(heard.data));
      if (found !== undefined) return found;
      if (this.#fault !== undefined) throw this.#fault;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Breaks the connection off. */
  close(): void {
    this.#response.destroy();
  }

  /** Not to be thrown at the parser's caller, who is Node: what is no JSON is the end of this stream alone. */
  #read(text: string, at: number): void {
    try {
      this.#heard.push({ data: JSON.parse(text) as Message, at });
      this.#wake();
    } catch {
      this.#end(new Error('a frame is no JSON'));
    }
  }

  #end(fault: Error): void {
    this.#fault ??= fault;
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
