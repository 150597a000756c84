import { paths } from './paths.ts';

export { paths, pathTo } from './paths.ts';

/** What the path of each route about streams begins with. */
export const streamsPrefix = '/sse/';

/** Methods that some route takes. */
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Paths, with the methods that each takes, in the order in which `Allow` lists them. */
export type Routes = Readonly<Record<string, readonly Method[]>>;

/** What is done with tasks, and what is told of their past. */
export const taskRoutes = {
  [paths.tasks]: ['GET', 'POST'],
  [paths.task]: ['GET', 'PATCH', 'DELETE'],
  [paths.events]: ['GET'],
} as const satisfies Routes;

/** What is done about streams, besides reading one. */
export const connectionRoutes = {
  [paths.ticket]: ['POST'],
  [paths.stats]: ['GET'],
  [paths.disconnect]: ['POST'],
  [paths.lease]: ['POST'],
  [paths.revocations]: ['POST'],
  [paths.connection]: ['DELETE'],
} as const satisfies Routes;

/** Who is there, and who types. */
export const awarenessRoutes = {
  [paths.presence]: ['GET', 'POST'],
  [paths.typing]: ['POST'],
} as const satisfies Routes;

/** Where a stream is opened. */
export const streamRoutes = { [paths.stream]: ['GET'] } as const satisfies Routes;
