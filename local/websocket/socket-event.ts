import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { clfTime, splitUrl } from '../gateway/http-event.ts';
import type { Ending } from './limits.ts';

/** What is known of a connection from its begin to its end. Times in epoch milliseconds. */
export interface SocketFacts {
  readonly apiId: string;
  readonly stage: string;
  readonly domainName: string;
  readonly connectionId: string;
  readonly connectedAt: number;
  readonly identity: { readonly sourceIp: string; readonly userAgent?: string };
}

/** An id as API Gateway makes them: base64 of 11 bytes that is safe in URLs but for its last character. */
export function newSocketId(): string {
  return `${randomBytes(11).toString('base64url')}=`;
}

/** The identity of whoever is at the other end. Behind CloudFront that is CloudFront. */
export function identityOf(request: IncomingMessage): SocketFacts['identity'] {
  const userAgent = request.headers['user-agent'];
  const sourceIp = request.socket.remoteAddress ?? '127.0.0.1';
  return { sourceIp, ...(userAgent !== undefined && { userAgent }) };
}

/**
 * The context of an event. Sources of its form: events of deployed APIs in aws/aws-lambda-rust-runtime (pull request 816)
 * and "WebSocket mapping template reference", API Gateway developer guide.
 */
function contextOf(
  facts: SocketFacts,
  event: { readonly routeKey: string; readonly eventType: string },
  now: number,
): Record<string, unknown> {
  const requestId = newSocketId();
  return {
    ...event,
    extendedRequestId: requestId,
    requestTime: clfTime(new Date(now)),
    messageDirection: 'IN',
    requestTimeEpoch: now,
    requestId,
    ...facts,
  };
}

/** The event of `$connect`: headers under the names that were sent, of repeated ones the last, and all of them besides. */
export function connectEvent(facts: SocketFacts, request: IncomingMessage, now: number): object {
  const headers = grouped(headerPairs(request));
  const query = grouped([...new URLSearchParams(`?${splitUrl(request.url ?? '/').query}`)]);
  return {
    headers: lastOfEach(headers),
    multiValueHeaders: headers,
    ...(Object.keys(query).length > 0 && {
      queryStringParameters: lastOfEach(query),
      multiValueQueryStringParameters: query,
    }),
    requestContext: contextOf(facts, { routeKey: '$connect', eventType: 'CONNECT' }, now),
    isBase64Encoded: false,
  };
}

/** The event of a message. */
export function messageEvent(
  facts: SocketFacts,
  { routeKey, text }: { readonly routeKey: string; readonly text: string },
  now: number,
): { readonly requestContext: Readonly<Record<string, unknown>> } {
  const context = contextOf(facts, { routeKey, eventType: 'MESSAGE' }, now);
  return {
    requestContext: { ...context, messageId: newSocketId() },
    body: text,
    isBase64Encoded: false,
  } as { requestContext: Record<string, unknown> };
}

/** The event of `$disconnect`: its headers are the gateway's own, as deployed APIs have them. */
export function disconnectEvent(facts: SocketFacts, { code, reason }: Ending, now: number): object {
  const headers = { Host: facts.domainName, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' };
  return {
    headers,
    multiValueHeaders: grouped(Object.entries(headers)),
    requestContext: {
      ...contextOf(facts, { routeKey: '$disconnect', eventType: 'DISCONNECT' }, now),
      disconnectStatusCode: code,
      disconnectReason: reason,
    },
    isBase64Encoded: false,
  };
}

/** The headers that API Gateway hands on. */
function headerPairs({ rawHeaders, socket }: IncomingMessage): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (!/^(upgrade|connection)$/i.test(name)) pairs.push([name, value]);
  }
  if (!pairs.some(([name]) => name.toLowerCase() === 'x-forwarded-for'))
    pairs.push(['X-Forwarded-For', socket.remoteAddress ?? '127.0.0.1']);
  return pairs;
}

function grouped(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, value] of pairs) groups.set(name, [...(groups.get(name) ?? []), value]);
  return Object.fromEntries(groups);
}

function lastOfEach(groups: Readonly<Record<string, string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, values]) => [name, values.at(-1) ?? '']));
}
