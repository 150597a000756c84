/** A program of a Web Function, for tests: says what it gets, streams, hangs, and notes who has left. */
import { createServer } from 'node:http';

const left: string[] = [];
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  response.once('close', () => {
    if (!response.writableFinished) left.push(pathname);
  });
  if (pathname === '/hang') return;
  if (pathname.startsWith('/stream')) {
    response.writeHead(200, { 'content-type': 'text/plain' }).write('begun');
    // More than all buffers on the way to a client.
    if (pathname === '/stream/full') response.write(Buffer.alloc(64 * 1024 * 1024));
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json', connection: 'keep-alive' });
  response.end(JSON.stringify({ pid: process.pid, headers: request.headers, left }));
});
const [host, port] = (process.env['AWS_LAMBDA_HTTP_ENDPOINT'] ?? '').split(':');
server.listen(Number(port), host);

process.once('SIGTERM', () => {
  if (process.env['IGNORES_SIGTERM'] === undefined) process.exit(0);
});
