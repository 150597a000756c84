import { paths, streamsPrefix } from '../../protocol/routes.ts';
import fc from 'fast-check';
import { bodyOf } from './body.ts';
import type { CursorPlan } from './cursor.ts';
import { cursorPlan } from './cursor.ts';
import type { Endpoint } from './endpoints.ts';
import { connectionPath, fuzzedEndpoints } from './endpoints.ts';
import { contentType, extraHeaders } from './headers.ts';
import { pathOf, queryOf } from './target.ts';
import type { TokenPlan } from './token.ts';
import { tokenPlan } from './token.ts';

/** A request, but for its token and the values of its places, which are made when it is sent. */
export interface FuzzRequest {
  /** Method and path of the endpoint, with how the token comes where that matters; undefined for a crooked request. */
  readonly route: string | undefined;
  readonly method: string;
  /** Path and query as they are sent. */
  readonly target: string;
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  readonly body: Buffer | undefined;
  readonly token: TokenPlan;
  /** Number of the user whom the request speaks for when it is nobody of the stream's. */
  readonly user: number;
  /** Number of the kept stream that it is about. */
  readonly stream: number;
  /** Whom the request speaks for: any user, or the user of that stream, or an admin of its workspace. */
  readonly by: 'anyone' | 'keeper' | 'admin';
  /** How the cursor is made of that stream's. */
  readonly cursor: CursorPlan;
  /** Where the token goes; in the body it stands in its place anyway. As a ticket it is traded before. */
  readonly tokenIn: 'header' | 'query' | 'both' | 'body' | 'ticket';
  /** Whether it asks for a stream. */
  readonly opensStream: boolean;
  /** Whether the client leaves a stream at the first frame; else it stays to the end. */
  readonly leaves: boolean;
}

const methods = ['GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'];

/** Who sends the requests to an endpoint: those about a stream come from those who may do something about it. */
function senderOf({ path }: Endpoint): fc.Arbitrary<FuzzRequest['by']> {
  const [anyone, keeper, admin] = (['anyone', 'keeper', 'admin'] as const).map((by) => fc.constant(by));
  if (path === paths.revocations) return fc.oneof(anyone!, admin!);
  if (path === connectionPath) return fc.oneof(anyone!, keeper!, admin!);
  if (path.startsWith(streamsPrefix)) return fc.oneof(anyone!, { weight: 2, arbitrary: keeper! });
  return anyone!;
}

function tokenPlaceOf({ fields = [], takesTicket = false }: Endpoint): fc.Arbitrary<FuzzRequest['tokenIn']> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant('header' as const) },
    { weight: 1, arbitrary: fc.constantFrom('query' as const, 'both' as const) },
    { weight: fields.includes('token') ? 4 : 0, arbitrary: fc.constant('body' as const) },
    { weight: takesTicket ? 3 : 0, arbitrary: fc.constant('ticket' as const) },
  );
}

function requestTo(endpoint: Endpoint): fc.Arbitrary<FuzzRequest> {
  const method = fc.oneof(
    { weight: 15, arbitrary: fc.constant(endpoint.method) },
    { weight: 1, arbitrary: fc.constantFrom(...methods) },
  );
  return fc
    .record({
      method,
      where: pathOf(endpoint),
      query: queryOf(endpoint),
      type: contentType,
      extra: extraHeaders,
      body: bodyOf(endpoint),
      token: tokenPlan,
      user: fc.nat(1000),
      stream: fc.nat(1000),
      by: senderOf(endpoint),
      cursor: cursorPlan,
      tokenIn: tokenPlaceOf(endpoint),
      leaves: fc.boolean(),
    })
    .map(({ where: { path, isCrooked }, query, type, extra, body, ...rest }) => ({
      ...rest,
      route: isCrooked || rest.method !== endpoint.method ? undefined : routeOf(endpoint, rest.tokenIn),
      target: query === '' ? path : `${path}?${query}`,
      headers: body === undefined ? extra : [['content-type', type] as const, ...extra],
      body,
      opensStream: endpoint.path === paths.stream,
    }));
}

function routeOf({ method, path }: Endpoint, tokenIn: FuzzRequest['tokenIn']): string {
  const how = { body: ' (token in the body)', ticket: ' (ticket)' };
  return `${method} ${path}${how[tokenIn as keyof typeof how] ?? ''}`;
}

/** The status that each route must answer at least once in a run. */
export const successes: ReadonlyMap<string, number> = new Map(
  fuzzedEndpoints.flatMap((endpoint) => {
    const { fields = [], takesTicket = false } = endpoint;
    const places: FuzzRequest['tokenIn'][] = ['header'];
    if (fields.includes('token')) places.push('body');
    if (takesTicket) places.push('ticket');
    return places.map((tokenIn) => [routeOf(endpoint, tokenIn), endpoint.success] as const);
  }),
);

/** Any request to any endpoint. */
export const fuzzRequest: fc.Arbitrary<FuzzRequest> = fc.oneof(
  ...fuzzedEndpoints.map((endpoint) => ({ weight: endpoint.weight, arbitrary: requestTo(endpoint) })),
);
