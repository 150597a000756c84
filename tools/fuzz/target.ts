import fc from 'fast-check';
import type { Endpoint } from './endpoints.ts';
import { piece, placeNames, valueOf } from './values.ts';

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

/** A path, and whether it is crooked: of no endpoint. */
interface FuzzPath {
  readonly path: string;
  readonly isCrooked: boolean;
}

/** The path of a request to an endpoint, or one like it. */
export function pathOf(endpoint: Endpoint): fc.Arbitrary<FuzzPath> {
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

/** The query of a request to an endpoint, without its question mark. */
export function queryOf({ query = [] }: Endpoint): fc.Arbitrary<string> {
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
