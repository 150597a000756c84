import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:http';

/** A request as an attacker writes it: neither the path nor the headers are tidied up. */
export interface RawRequest {
  readonly method?: string;
  /** The request target, byte for byte. */
  readonly target: string;
  /** In their order, with repetitions. */
  readonly headers?: ReadonlyArray<readonly [name: string, value: string]>;
  readonly body?: string | Buffer;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** All of it, or what had come when `enough` said so. */
  readonly body: Buffer;
  /** The body as text, which it must be. */
  readonly text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 32 });

/**
 * Sends a request to a stack.
 * @param url of the stack.
 * @param enough asked after each chunk; true ends the answer there, as a client that leaves.
 */
export function sendRaw(
  url: string,
  { method = 'GET', target, headers = [], body }: RawRequest,
  enough: (text: string) => boolean = () => false,
): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(url);
  const named = headers.some(([name]) => name.toLowerCase() === 'host');
  const length: [string, string][] =
    body === undefined ? [] : [['content-length', String(Buffer.byteLength(body))]];
  const flat = [...(named ? [] : [['host', host] as const]), ...length, ...headers].flat();
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const outgoing = request({ hostname, port, method, path: target, headers: flat, agent }, (response) => {
    const chunks: Buffer[] = [];
    const answer = (): void => {
      const bytes = Buffer.concat(chunks);
      const { statusCode = 0 } = response;
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
      try {
        resolve({ status: statusCode, headers: response.headers, body: bytes, text: text.decode(bytes) });
      } catch (error) {
        reject(error);
      }
    };
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (!enough(Buffer.concat(chunks).toString('utf8'))) return;
      answer();
      response.destroy();
    });
    response.once('end', answer).once('error', reject);
  });
  outgoing.once('error', reject).end(body);
  return promise;
}
