import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Serve } from '../gateway/serve.ts';
import { splitUrl } from '../gateway/http-event.ts';
import { upgradeOf } from '../gateway/upgrades.ts';
import { CommandError } from '../../commands/command-error.ts';
import type { Behavior, Distribution } from './distribution.ts';
import { addHeaders } from './response-headers.ts';
import type { BucketContent } from './bucket-content.ts';
import type { EdgeSignature } from './signature.ts';
import type { ViewerResult } from './viewer-function.ts';

/** The edge of the running stack. */
export interface Edge {
  readonly distribution: Distribution;
  readonly signature: EdgeSignature;
  /** Domain name in lower case → what answers there. */
  readonly origins: ReadonlyMap<string, Serve>;
}

/**
 * Gives what plays CloudFront: the behavior of the path, the function on the viewer's request, the headers that are
 * forwarded, the edge's signature, and the headers of the answer. Not TLS, which a stack on the loopback has not, and
 * no cache.
 * @throws {CommandError} when an origin of the distribution is nothing of this stack.
 */
export function createEdge({ distribution, signature, origins }: Edge): Serve {
  const routes = distribution.behaviors.map((behavior) => {
    const serve = origins.get(behavior.originDomain.toLowerCase());
    if (serve === undefined) {
      throw new CommandError(
        `the origin ${behavior.originDomain} of the distribution is not in this template`,
      );
    }
    return { behavior, serve };
  });
  return async (request, response, path) => {
    const route = routes.find(({ behavior }) => behavior.pattern.test(path));
    // The default behavior takes every path.
    if (route === undefined) return void response.destroy();
    const { behavior, serve } = route;
    if (!behavior.methods.has(request.method ?? '')) {
      addHeaders(response, behavior.addedHeaders);
      return refuseMethod(request, response);
    }
    const { query } = splitUrl(request.url ?? '/');
    const viewer = viewerHeaders(behavior, request, path, query);
    if ('answer' in viewer) {
      request.resume();
      // A response headers policy is for what an origin has answered, or a cache.
      response
        .writeHead(viewer.answer.status, {
          ...viewer.answer.headers,
          'x-cache': 'FunctionGeneratedResponse from cloudfront',
        })
        .end();
      return;
    }
    addHeaders(response, behavior.addedHeaders);
    replaceHeaders(request, forwarded(behavior, request, viewer.headers, signature));
    const asked = path === '/' ? `/${distribution.defaultRootObject}` : path;
    request.url = `${behavior.originPath}${asked}${query === '' ? '' : `?${query}`}`;
    await serve(request, response, `${behavior.originPath}${asked}`);
  };
}

/** What is left of the viewer's headers after the function of the behavior, or what the function answers. */
function viewerHeaders(
  { viewerFunction }: Behavior,
  request: IncomingMessage,
  path: string,
  query: string,
): ViewerResult {
  const { method = 'GET', headersDistinct: headers } = request;
  if (viewerFunction === undefined) return { headers: joined(headers) };
  return viewerFunction.run({ method, path, query, headers, ip: addressOf(request) });
}

function addressOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? '127.0.0.1';
}

/** The headers that reach the origin, by lower-case name. */
function forwarded(
  { forwardedHeaders, originDomain, signs }: Behavior,
  request: IncomingMessage,
  viewer: Readonly<Record<string, string>>,
  signature: EdgeSignature,
): Record<string, string> {
  const { headersDistinct } = request;
  const headers: Record<string, string> = {
    host: originDomain,
    'user-agent': 'Amazon CloudFront',
    'x-forwarded-for': [headersDistinct['x-forwarded-for'], addressOf(request)]
      .flat()
      .filter(Boolean)
      .join(', '),
  };
  const length = request.headers['content-length'];
  if (length !== undefined) headers['content-length'] = length;
  for (const name of forwardedHeaders) {
    const value = viewer[name];
    if (value !== undefined) headers[name] = value;
  }
  if (upgradeOf(request) !== undefined)
    Object.assign(headers, { connection: 'Upgrade', upgrade: 'websocket' });
  if (signs) headers['authorization'] = signature.authorization;
  return headers;
}

function joined(headers: NodeJS.Dict<string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, values = []]) => [name, values.join(',')]));
}

function replaceHeaders(request: IncomingMessage, headers: Record<string, string>): void {
  request.headers = headers;
  request.rawHeaders = Object.entries(headers).flat();
  request.headersDistinct = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value]]),
  );
}

/** CloudFront answers a method that the behavior does not take itself. */
function refuseMethod(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response
    .writeHead(403, { 'content-type': 'text/html' })
    .end('<h1>403 ERROR</h1>This distribution is not configured to allow the HTTP request method.');
}

/** Gives what plays the bucket of the page. */
export function serveBucket(files: BucketContent): Serve {
  return (request, response, path) => {
    const file = files.get(path);
    if (file === undefined) {
      response
        .writeHead(404, { 'content-type': 'application/xml' })
        .end('<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>');
    } else {
      response
        .writeHead(200, {
          'content-type': file.contentType,
          'content-length': file.body.length,
          ...(file.cacheControl !== undefined && { 'cache-control': file.cacheControl }),
        })
        .end(request.method === 'HEAD' ? undefined : file.body);
    }
    return Promise.resolve();
  };
}
