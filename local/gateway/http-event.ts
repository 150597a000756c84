import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { localAccount } from '../template/stack-template.ts';

/** What differs between an HTTP API and a Function URL. */
export interface EventOrigin {
  /** API id, or URL id. */
  readonly apiId: string;
  /** Such as `GET /tasks/{id}` or `$default`. */
  readonly routeKey: string;
  /** Stage of an HTTP API; a Function URL has `$default` only. */
  readonly stage?: string;
  readonly pathParameters?: Readonly<Record<string, string>>;
}

const textTypes = /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded)|.*\+(json|xml)\b)/i;

/**
 * Builds the event of payload format 2.0, which HTTP APIs and Function URLs share.
 * Source: "Working with AWS Lambda proxy integrations for HTTP APIs", payload format version 2.0.
 * @param body the whole body.
 */
export function httpEvent(request: IncomingMessage, body: Buffer, origin: EventOrigin): object {
  const { path, query } = splitUrl(request.url ?? '/');
  const { cookie, ...headers } = joinHeaders(request);
  const isText = body.length === 0 || textTypes.test(headers['content-type'] ?? '');
  const now = new Date();
  const domainName = headers.host ?? 'localhost';
  return {
    version: '2.0',
    routeKey: origin.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: cookie.split(/;\s*/) }),
    headers,
    ...(query !== '' && { queryStringParameters: joinQuery(query) }),
    requestContext: {
      accountId: localAccount,
      apiId: origin.apiId,
      domainName,
      domainPrefix: domainName.split('.')[0],
      http: {
        method: request.method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: origin.routeKey,
      stage: origin.stage ?? '$default',
      time: clfTime(now),
      timeEpoch: now.getTime(),
    },
    ...(origin.pathParameters !== undefined && { pathParameters: origin.pathParameters }),
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: !isText,
  };
}

/** Cuts a request target into path and query, as they were sent. */
export function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf('?');
  return mark === -1 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}

/** Lower-case names; repeated headers joined by commas, cookies by semicolons. Connection headers stay behind. */
function joinHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    if (values === undefined || name === 'connection' || name === 'transfer-encoding') continue;
    headers[name] = values.join(name === 'cookie' ? '; ' : ',');
  }
  headers['x-forwarded-for'] ??= request.socket.remoteAddress ?? '127.0.0.1';
  headers['x-forwarded-proto'] ??= 'http';
  return headers;
}

function joinQuery(query: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  // Of two question marks URLSearchParams takes the first away; the second is part of a name.
  for (const [name, value] of new URLSearchParams(`?${query}`)) {
    const earlier = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    Object.defineProperty(parameters, name, {
      value: earlier === undefined ? value : `${earlier},${value}`,
      enumerable: true,
      configurable: true,
    });
  }
  return parameters;
}

/** Common log format, such as `12/Mar/2020:19:03:58 +0000`. */
export function clfTime(time: Date): string {
  const [, day, month, year, clock] = time.toUTCString().split(' ');
  return `${day}/${month}/${year}:${clock} +0000`;
}
