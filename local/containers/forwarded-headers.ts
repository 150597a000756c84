import type { IncomingMessage } from 'node:http';

/** Headers of the connection to the load balancer, not of that to the task. */
const hopHeaders = new Set(['connection', 'keep-alive', 'upgrade']);

/**
 * What a load balancer sends on to a task: the headers of a request, and where it came from.
 * Source: "HTTP headers and Application Load Balancers", its user guide.
 */
export function forwardedHeaders({
  headers,
  socket,
}: IncomingMessage): Record<string, string | string[] | undefined> {
  const kept = Object.entries(headers).filter(([name]) => !hopHeaders.has(name));
  const from = [headers['x-forwarded-for'], socket.remoteAddress].flat().filter(Boolean).join(', ');
  return {
    ...Object.fromEntries(kept),
    'x-forwarded-for': from,
    'x-forwarded-proto': 'http',
    'x-forwarded-port': '80',
  };
}
