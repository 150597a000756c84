import {
  edgeTokenHeader,
  errorsHeader,
  idempotencyKeyHeader,
  ifMatchHeader,
  lastEventIdHeader,
} from '../../protocol/headers.ts';
import { paths } from '../../protocol/routes.ts';
import fc from 'fast-check';
import type { CursorPlan } from './cursor.ts';
import { cursorPlan } from './cursor.ts';
import type { Endpoint } from './endpoints.ts';
import { fuzzedEndpoints } from './endpoints.ts';
import type { TokenPlan } from './token.ts';
import { tokenPlan } from './token.ts';

/**
 * What stands in a request for values that are known when it is sent: of the kept stream that it is about, and its token.
 */
export const placeNames = {
  connectionId: 'KEPT-STREAM',
  user: 'KEPT-USER',
  cursor: 'KEPT-CURSOR',
  token: 'OWN-TOKEN',
} as const;

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
  /** Where the token goes; in the body it stands in its place anyway. */
  readonly tokenIn: 'header' | 'query' | 'both' | 'body';
  /** Whether it asks for a stream. */
  readonly opensStream: boolean;
  /** Whether the client leaves a stream at the first frame; else it stays to the end. */
  readonly leaves: boolean;
}

const methods = ['GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'];

/** Text that has broken something somewhere before. */
const nastyTexts = [
  '',
  '\0',
  '\r\n',
  '\n\ndata: {}\n\n',
  '\u2028',
  '\ud800',
  '\uFEFF',
  '__proto__',
  'constructor',
  'toString',
  '../..',
  '#',
  "' OR 1=1 --",
  '${7*7}',
  '-1',
  '1e308',
  '9007199254740993',
  'NaN',
  'null',
  'after:0',
];

const nasty = fc.constantFrom(...nastyTexts);
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), nasty);

const cursor = fc.oneof(
  { weight: 12, arbitrary: fc.constant(placeNames.cursor) },
  fc.constant('0.1.0.0.000000000000'),
  fc
    .tuple(fc.nat(3), fc.nat(3), fc.nat(3))
    .map((numbers) => `0123456789abcdef.${numbers.join('.')}.0123456789ab`),
);

/** Values that a field or parameter may take, by its name; any text and any JSON come beside them. */
const sensibleValues: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  name: fc.string({ minLength: 1, maxLength: 60 }),
  description: fc.option(fc.string({ unit: 'grapheme', maxLength: 200 })),
  status: fc.constantFrom('inbox', 'up_next', 'in_progress', 'in_review', 'done', 'archived'),
  priority: fc.integer({ min: 0, max: 100 }),
  assignees: fc.array(fc.constantFrom('user-0', 'user-1', 'a#b', '%23', '..'), { maxLength: 4 }),
  visibility: fc.constantFrom('workspace', 'private'),
  limit: fc.integer({ min: 1, max: 20 }),
  cursor: fc
    .uint8Array({ minLength: 35, maxLength: 37 })
    .map((bytes) => Buffer.from(bytes).toString('base64url')),
  named: fc.constantFrom('true', 'false'),
  lease: fc.integer({ min: 5, max: 310 }),
  connectionId: fc.oneof({ weight: 4, arbitrary: fc.constant(placeNames.connectionId) }, fc.uuid()),
  token: fc.constant(placeNames.token),
  // Nobody of the people who send requests: whoever is revoked is let in no more.
  userId: fc.oneof(
    { weight: 1, arbitrary: fc.constant(placeNames.user) },
    { weight: 2, arbitrary: fc.nat(50).map((number) => `revoked-${number}`) },
  ),
  lastEventId: cursor,
  since: cursor,
};

function valueOf(name: string): fc.Arbitrary<unknown> {
  const sensible = sensibleValues[name] ?? fc.boolean();
  return fc.oneof(
    { weight: 40, arbitrary: sensible },
    { weight: 1, arbitrary: text },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }) },
  );
}

/** A piece of a URL: encoded as it should be, encoded byte by byte, or not at all. */
const piece: fc.Arbitrary<string> = fc.oneof(
  text.map((value) => encodeURIComponent(value.toWellFormed())),
  fc
    .uint8Array({ maxLength: 8 })
    .map((bytes) => [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')),
  fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: 12,
  }),
);

const taskId = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 12 }).map(String) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 200 }).map(String) },
  piece,
);
const connectionId = fc.oneof(
  { weight: 6, arbitrary: fc.constant(placeNames.connectionId) },
  { weight: 1, arbitrary: fc.uuid() },
  piece,
);

interface FuzzPath {
  readonly path: string;
  readonly isCrooked: boolean;
}

function pathOf(endpoint: Endpoint): fc.Arbitrary<FuzzPath> {
  const usual = fc
    .tuple(taskId, connectionId)
    .map(([id, connection]) => endpoint.path.replace('{id}', id).replace('{connection}', connection));
  const crooked = fc.oneof(
    fc.tuple(usual, piece).map(([path, more]) => `${path}/${more}`),
    piece.map((path) => `/${path}`),
  );
  return fc.oneof(
    { weight: 6, arbitrary: usual.map((path) => ({ path, isCrooked: false })) },
    { weight: 1, arbitrary: crooked.map((path) => ({ path, isCrooked: true })) },
  );
}

/** A value as text; not by its own `toString`, which may be anything. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function queryOf({ query = [] }: Endpoint): fc.Arbitrary<string> {
  const known = query.map((name) =>
    valueOf(name).map((value) => `${name}=${encodeURIComponent(textOf(value).toWellFormed())}`),
  );
  const odd = fc.tuple(piece, piece).map((pair) => pair.join('='));
  const parameter = fc.oneof(...known.map((arbitrary) => ({ weight: 3, arbitrary })), {
    weight: 1,
    arbitrary: odd,
  });
  const most = known.length > 0 ? 3 : 1;
  return fc
    .oneof(fc.constant<string[]>([]), { weight: 2, arbitrary: fc.array(parameter, { maxLength: most }) })
    .map((parameters) => parameters.join('&'));
}

function asBytes(json: string): Buffer {
  return Buffer.from(json);
}

function bodyOf({ fields = [] }: Endpoint): fc.Arbitrary<Buffer | undefined> {
  const entries = fields.map((field) => [field, valueOf(field)] as const);
  const sensible = fc
    .record(Object.fromEntries(entries), { requiredKeys: fields.slice(0, 1) })
    .map((value) => JSON.stringify(value));
  const odd = fc.oneof(
    fc.json({ maxDepth: 4, stringUnit: 'binary' }),
    fc.tuple(sensible, fc.nat(60)).map(([json, length]) => json.slice(0, length)),
    fc.tuple(nasty, text).map(([name, value]) => JSON.stringify({ name: 'x', [name]: value })),
    fc.integer({ min: 1, max: 20_000 }).map((depth) => '[{"a":'.repeat(depth % 4000)),
    fc.integer({ min: 1, max: 30_000 }).map((depth) => `{"name":${'['.repeat(depth)}${']'.repeat(depth)}}`),
  );
  const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
  const large = fc.constantFrom(65_536, 70_000, 300_000).map((length) => Buffer.alloc(length, 'x'));
  const none = fc.constant(undefined);
  if (fields.length === 0) return fc.oneof({ weight: 9, arbitrary: none }, odd.map(asBytes), bytes);
  return fc.oneof(
    { weight: 40, arbitrary: sensible.map(asBytes) },
    { weight: 10, arbitrary: odd.map(asBytes) },
    { weight: 4, arbitrary: bytes },
    { weight: 2, arbitrary: none },
    { weight: 1, arbitrary: large },
  );
}

const headerText = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
  maxLength: 40,
});

const header = (name: string, ...sensible: string[]): fc.Arbitrary<readonly [string, string]> =>
  fc
    .oneof({ weight: 3, arbitrary: fc.constantFrom(...sensible) }, headerText)
    .map((value) => [name, value] as const);

const extraHeaders = fc.array(
  fc.oneof(
    header(ifMatchHeader, '*', '"1"', '"2"', 'W/"1"', '"1", "2"'),
    header(idempotencyKeyHeader, 'key-1', 'key-2', 'x'.repeat(256)),
    header(
      lastEventIdHeader,
      placeNames.cursor,
      `${placeNames.cursor}.end`,
      '0.1.0.0.000000000000',
      '0.1.0.0.000000000000.end',
      'nonsense',
    ),
    header(errorsHeader, 'status'),
    header(edgeTokenHeader, 'Bearer x'),
    header('x-http-method-override', 'DELETE'),
    header('origin', 'null', 'https://evil.example'),
    header('access-control-request-method', 'GET', 'PATCH'),
    header('accept', 'text/event-stream', '*/*'),
    header('range', 'bytes=0-1'),
    header('cookie', 'token=x', '__proto__=1'),
    header('content-encoding', 'gzip', 'identity'),
    header('accept-encoding', 'gzip', 'br;q=9'),
    header('x-forwarded-for', '127.0.0.1', "' OR 1=1"),
    header('__proto__', 'x'),
  ),
  { maxLength: 3 },
);

const contentType = fc.oneof(
  { weight: 24, arbitrary: fc.constant('application/json') },
  fc.constantFrom('text/plain', 'application/json; charset=utf-16', 'application/x-www-form-urlencoded', ''),
  headerText,
);

/** Who sends the requests to an endpoint: those about a stream come from those who may do something about it. */
function senderOf({ path }: Endpoint): fc.Arbitrary<FuzzRequest['by']> {
  const [anyone, keeper, admin] = (['anyone', 'keeper', 'admin'] as const).map((by) => fc.constant(by));
  if (path === paths.revocations) return fc.oneof(anyone!, admin!);
  if (path.startsWith('/sse/connections')) return fc.oneof(anyone!, keeper!, admin!);
  if (path.startsWith('/sse/')) return fc.oneof(anyone!, { weight: 2, arbitrary: keeper! });
  return anyone!;
}

function tokenPlaceOf({ fields = [] }: Endpoint): fc.Arbitrary<FuzzRequest['tokenIn']> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant('header' as const) },
    { weight: 1, arbitrary: fc.constantFrom('query' as const, 'both' as const) },
    { weight: fields.includes('token') ? 4 : 0, arbitrary: fc.constant('body' as const) },
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
  return `${method} ${path}${tokenIn === 'body' ? ' (token in the body)' : ''}`;
}

/** The status that each route must answer at least once in a run. */
export const successes: ReadonlyMap<string, number> = new Map(
  fuzzedEndpoints.flatMap((endpoint) => {
    const places =
      endpoint.fields?.includes('token') === true ? (['header', 'body'] as const) : (['header'] as const);
    return places.map((tokenIn) => [routeOf(endpoint, tokenIn), endpoint.success] as const);
  }),
);

/** Any request to any endpoint. */
export const fuzzRequest: fc.Arbitrary<FuzzRequest> = fc.oneof(
  ...fuzzedEndpoints.map((endpoint) => ({ weight: endpoint.weight, arbitrary: requestTo(endpoint) })),
);
