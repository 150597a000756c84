/** The paths of API, stream and WebSocket; what stands in braces is a part of the path that the caller fills in. */
export const paths = {
  tasks: '/tasks',
  task: '/tasks/{id}',
  typing: '/tasks/{id}/typing',
  events: '/events',
  presence: '/presence',
  stream: '/sse/connect',
  ticket: '/sse/ticket',
  stats: '/sse/stats',
  disconnect: '/sse/disconnect',
  lease: '/sse/lease',
  revocations: '/sse/revocations',
  connection: '/sse/connections/{id}',
  webSocket: '/ws',
} as const;

/** The path of one task, of who types at it, or of one stream. */
export function pathTo(
  path: typeof paths.task | typeof paths.typing | typeof paths.connection,
  id: number | string,
): string {
  return path.replace('{id}', String(id));
}

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
