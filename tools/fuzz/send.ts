import type { Agent } from 'node:http';
import { request } from 'node:http';
import type { FuzzRequest } from './request.ts';
import { isStream } from './is-stream.ts';
import { placeNames } from './values.ts';

/** What came of a request. */
export interface FuzzAnswer {
  /** 0 when the connection broke without an answer. */
  readonly status: number;
  readonly text: string;
  /** Why there is no whole answer. */
  readonly failure: string | undefined;
}

/** What a request gets in its places. */
export type PlaceValues = Readonly<Record<keyof typeof placeNames, string>>;

/**
 * An answer that has not ended by then counts as none: far longer than any takes on a machine that is busy, since what hangs
 * hangs for good. Streams end with their tokens, in two seconds. Milliseconds.
 */
const patienceMs = 120_000;

/** Headers in which nothing but Latin-1 without control characters can be sent. */
const sendable = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Sends a request to a port of this machine; its token, none if that is empty, is one of the values. Never rejects. */
export function sendFuzzed(
  fuzzed: FuzzRequest,
  values: PlaceValues,
  port: number,
  agent: Agent,
): Promise<FuzzAnswer> {
  const { promise, resolve } = Promise.withResolvers<FuzzAnswer>();
  const { method, leaves } = fuzzed;
  const body = fuzzed.body && Buffer.from(fill(fuzzed.body.toString('latin1'), values), 'latin1');
  const outgoing = request(
    {
      host: '127.0.0.1',
      port,
      method,
      agent,
      path: targetOf(fuzzed, values),
      headers: headersOf(fuzzed, values, port, body),
    },
    (response) => {
      let text = '';
      const done = (failure?: string): void => {
        clearTimeout(patience);
        resolve({ status: response.statusCode ?? 0, text, failure });
      };
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (!leaves || !isStream(text)) return;
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

/** Puts the values into their places. */
function fill(text: string, values: PlaceValues): string {
  return Object.entries(placeNames).reduce(
    (filled, [name, place]) => filled.replaceAll(place, () => values[name as keyof PlaceValues]),
    text,
  );
}

function targetOf({ target, tokenIn }: FuzzRequest, values: PlaceValues): string {
  const token = encodeURIComponent(values.token);
  const filled = fill(target, { ...values, user: encodeURIComponent(values.user), token });
  if (token === '' || tokenIn === 'header' || tokenIn === 'body') return filled;
  const mark = target.includes('?') ? '&' : '?';
  return `${filled}${mark}${tokenIn === 'ticket' ? 'ticket' : 'token'}=${token}`;
}

function headersOf(
  { headers, tokenIn }: FuzzRequest,
  values: PlaceValues,
  port: number,
  body: Buffer | undefined,
): string[] {
  const own: [string, string][] = [['host', `127.0.0.1:${port}`]];
  if (body !== undefined) own.push(['content-length', String(body.length)]);
  const inHeader = tokenIn === 'header' || tokenIn === 'both';
  if (values.token !== '' && inHeader && sendable.test(values.token)) {
    own.push(['authorization', `Bearer ${values.token}`]);
  }
  return [...own, ...headers.map(([name, value]) => [name, fill(value, values)])].flat();
}
