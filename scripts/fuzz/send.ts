import type { Agent } from 'node:http';
import { request } from 'node:http';
import type { FuzzRequest } from './request.ts';

/** What came of a request. */
export interface FuzzAnswer {
  /** 0 when the connection broke without an answer. */
  readonly status: number;
  readonly text: string;
  /** Why there is no whole answer. */
  readonly failure: string | undefined;
}

/** An answer that has not ended by then counts as none. Streams of a fuzzed stack last a second. Milliseconds. */
const patienceMs = 30_000;

/** Headers in which nothing but Latin-1 without control characters can be sent. */
const sendable = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Sends a request with a token, none if it is empty, to a port of this machine. Never rejects. */
export function sendFuzzed(
  fuzzed: FuzzRequest,
  token: string,
  port: number,
  agent: Agent,
): Promise<FuzzAnswer> {
  const { promise, resolve } = Promise.withResolvers<FuzzAnswer>();
  const { method, body, leaves } = fuzzed;
  const outgoing = request(
    {
      host: '127.0.0.1',
      port,
      method,
      agent,
      path: targetOf(fuzzed, token),
      headers: headersOf(fuzzed, token, port),
    },
    (response) => {
      let text = '';
      const done = (failure?: string): void => {
        clearTimeout(patience);
        resolve({ status: response.statusCode ?? 0, text, failure });
      };
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (!leaves || !text.startsWith('retry: ')) return;
        done();
        response.destroy();
      });
      response.once('end', () => done());
      response.once('error', (error) => done(error.message));
    },
  );
  const patience = setTimeout(() => {
    resolve({ status: 0, text: '', failure: `no whole answer within ${patienceMs} ms` });
    outgoing.destroy();
  }, patienceMs);
  outgoing.once('error', (error) => {
    clearTimeout(patience);
    resolve({ status: 0, text: '', failure: error.message });
  });
  outgoing.end(body);
  return promise;
}

function targetOf({ target, tokenIn }: FuzzRequest, token: string): string {
  if (token === '' || tokenIn === 'header') return target;
  const mark = target.includes('?') ? '&' : '?';
  return `${target}${mark}token=${encodeURIComponent(token)}`;
}

function headersOf({ headers, tokenIn, body }: FuzzRequest, token: string, port: number): string[] {
  const own: [string, string][] = [['host', `127.0.0.1:${port}`]];
  if (body !== undefined) own.push(['content-length', String(body.length)]);
  if (token !== '' && tokenIn !== 'query' && sendable.test(token)) {
    own.push(['authorization', `Bearer ${token}`]);
  }
  return [...own, ...headers].flat();
}
