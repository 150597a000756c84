import { Agent, request } from 'node:http';
import type { Task } from '../../protocol/task.ts';

/** An answer of the HTTP API; undefined fields where it was not JSON. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: {
    readonly task?: Task;
    readonly tasks?: readonly Task[];
    readonly nextCursor?: string;
    readonly streamCursor?: string;
    readonly code?: string;
  };
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** How long a request may take before the caller gives up, as a browser's user would. Milliseconds. */
const patienceMs = 30_000;

/**
 * Sends one request to the HTTP API; of a stream, only the head is read.
 * @throws {Error} when there is no answer.
 */
export function callApi(
  origin: string,
  token: string,
  method: string,
  path: string,
  {
    body,
    headers = {},
  }: { readonly body?: object | undefined; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${origin}${path}`,
      {
        agent,
        method,
        timeout: patienceMs,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
      },
      (response) => {
        const type = response.headers['content-type'] ?? '';
        if (type.startsWith('text/event-stream')) {
          // It has no end to wait for.
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: {} });
          response.destroy();
          return;
        }
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('error', reject);
        response.on('end', () => {
          const parsed = (type.includes('json') ? JSON.parse(text) : {}) as ApiAnswer['body'];
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed });
        });
      },
    );
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      // The server closes a connection that was idle for long, at times just when it is used again.
      const isStale = outgoing.reusedSocket && error.code === 'ECONNRESET';
      if (isStale) resolve(callApi(origin, token, method, path, { body, headers }));
      else reject(error);
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer to ${method} ${path}`)));
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
