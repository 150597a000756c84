import type { IncomingMessage, ServerResponse } from 'node:http';
import { corsHeaders, isPreflight, withoutCorsHeaders } from './cors.ts';
import type { CorsSettings } from './cors.ts';
import { outgoingHeaders, readFunctionResponse, sendMessage } from './function-response.ts';
import { httpEvent, splitUrl } from './http-event.ts';
import { BodyTooLarge, readBody } from './request-body.ts';
import { matchRoute } from './route-match.ts';
import type { Route } from './route-match.ts';
import type { PlatformObserver } from '../metrics/platform-metrics.ts';
import type { FunctionProcess } from '../functions/function-process.ts';
import type { TokenBucket } from './token-bucket.ts';

/** The function behind a route. */
export interface RouteTarget {
  readonly process: FunctionProcess;
  /** Whether the function's policy lets the API invoke it for this route. */
  readonly mayInvoke: boolean;
}

/** A stage of an HTTP API: all of its routes, with a throttle of their own. */
export interface ApiStage {
  /** `$default`, or the first part of the paths that come by it. */
  readonly name: string;
  readonly routes: ReadonlyArray<Route<RouteTarget>>;
  readonly throttle: TokenBucket;
}

/** An HTTP API of the template. */
export interface HttpApi {
  readonly apiId: string;
  readonly stages: readonly ApiStage[];
  readonly cors: CorsSettings | undefined;
  readonly platform?: Pick<PlatformObserver, 'request'> | undefined;
}

/** API Gateway's limit on a request's payload: 10 MB. */
const bodyLimit = 10 * 1024 * 1024;

/** Answers one request as API Gateway does. */
export async function serveHttpApi(
  api: HttpApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answered = api.platform?.request(api.apiId);
  response.once('close', () => answered?.(response.statusCode));
  const cors = api.cors === undefined ? {} : corsHeaders(api.cors, request);
  const reply = (status: number, message: string): void => sendMessage(response, status, message, cors);
  const found = findStage(api.stages, splitUrl(request.url ?? '/').path);
  const match = found && matchRoute(found.stage.routes, request.method ?? 'GET', found.path);
  // A catch-all route, $default or ANY, takes OPTIONS like any other request: the gateway answers a preflight itself
  // only where no route does.
  // Source: "Configuring CORS for an HTTP API with a $default route and an authorizer", API Gateway developer guide.
  if (match === undefined && api.cors !== undefined && isPreflight(request)) {
    response.writeHead(204, cors).end();
    return;
  }
  let body: Buffer;
  try {
    body = await readBody(request, bodyLimit);
  } catch (error) {
    if (error instanceof BodyTooLarge) reply(413, 'Request Too Long');
    else response.destroy();
    return;
  }
  if (found === undefined || match === undefined) return reply(404, 'Not Found');
  if (match === 'malformed') return reply(400, 'Bad Request');
  if (!found.stage.throttle.take()) return reply(429, 'Too Many Requests');
  const { route, pathParameters } = match;
  if (!route.target.mayInvoke) return reply(500, 'Internal Server Error');
  const event = httpEvent(request, body, {
    apiId: api.apiId,
    routeKey: route.routeKey,
    stage: found.stage.name,
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
  });
  try {
    const result = readFunctionResponse(await route.target.process.invokeBuffered(event));
    const headers = api.cors === undefined ? result.headers : withoutCorsHeaders(result.headers);
    response
      .writeHead(result.statusCode, {
        'content-type': 'text/plain;charset=UTF-8',
        ...outgoingHeaders(headers, result.cookies),
        ...cors,
        'content-length': result.body.length,
      })
      .end(result.body);
  } catch {
    // The function's own log has the reason; API Gateway tells the client nothing.
    reply(500, 'Internal Server Error');
  }
}

/**
 * Finds the stage of a path, and the path that its routes know: a stage with a name takes the paths that begin with it,
 * `$default` all others. Source: "Create stages for HTTP APIs", API Gateway developer guide.
 */
export function findStage(
  stages: readonly ApiStage[],
  path: string,
): { readonly stage: ApiStage; readonly path: string } | undefined {
  const [, first = ''] = path.split('/');
  const named = stages.find(({ name }) => name === first && name !== '$default');
  if (named !== undefined) return { stage: named, path: path.slice(first.length + 1) || '/' };
  const stage = stages.find(({ name }) => name === '$default');
  return stage && { stage, path };
}
