import type { IncomingMessage } from 'node:http';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { json } from 'node:stream/consumers';

/** An answer with another status than was hoped for. The message has the status and the code of docs/PROTOCOL.md. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
  readonly status: number;

  constructor(what: string, status: number, code: unknown) {
    super(`${what} answers ${status}${typeof code === 'string' ? ` ${code.slice(0, 64)}` : ''}`);
    this.status = status;
  }
}

export interface Asked {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

/**
 * Requests of one run. Not by `fetch`, whose connections outlive the run: Lambda freezes the process between two of them,
 * and the first request of the next would go into a connection that the server has closed long ago.
 */
export class Http {
  readonly #agents = {
    'http:': new HttpAgent({ keepAlive: true }),
    'https:': new HttpsAgent({ keepAlive: true }),
  };

  /**
   * Sends a request.
   * @returns a successful answer, whose body is still to be read.
   * @throws {UnexpectedAnswer}; what the network throws.
   */
  async open(url: URL, asked: Asked): Promise<IncomingMessage> {
    const response = await this.#send(url, asked);
    const { statusCode: status = 0 } = response;
    if (status >= 200 && status < 300) return response;
    const answer: unknown = await json(response).catch(() => undefined);
    throw new UnexpectedAnswer(
      `${asked.method} ${url.pathname}`,
      status,
      (answer as { readonly code?: unknown } | undefined)?.code,
    );
  }

  /** As `open`, with the JSON of the answer. */
  async ask(url: URL, asked: Asked): Promise<unknown> {
    return json(await this.open(url, asked));
  }

  /** Ends all connections. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  #send(url: URL, { method, headers = {}, body, signal }: Asked): Promise<IncomingMessage> {
    const isSecure = url.protocol === 'https:';
    const options = {
      method,
      signal,
      agent: this.#agents[isSecure ? 'https:' : 'http:'],
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    };
    return new Promise((resolve, reject) => {
      const sent = isSecure ? httpsRequest(url, options) : httpRequest(url, options);
      sent.once('response', resolve).once('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
