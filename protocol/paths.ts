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
