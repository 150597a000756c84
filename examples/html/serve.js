import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const taskwire = process.env.TASKWIRE_URL ?? 'http://localhost:8788';

const routes = {
  '/': page('index.html', 'text/html'),
  // What you would put beside your page, or get from a CDN: one file without imports.
  '/taskwire.js': page(import.meta.resolve('@taskwire/client/browser'), 'text/javascript'),
  '/token': async (response) => response.end(await token()),
};

// For development. Your backend knows who its users are, and where they get their tokens.
async function token() {
  const body = JSON.stringify({ sub: 'alice' });
  const answer = await fetch(`${taskwire}/issuer/token`, { method: 'POST', body });
  return (await answer.json()).token;
}

function page(file, type) {
  const url = new URL(file, import.meta.url);
  return async (response) => response.setHeader('content-type', type).end(await readFile(url));
}

async function respond(path, response) {
  if (path in routes) await routes[path](response);
  else response.writeHead(404).end();
}

const server = createServer((request, response) => {
  respond(request.url, response).catch((error) => response.writeHead(502).end(error.message));
});
server.listen(Number(process.env.PORT ?? 5173), 'localhost', () => {
  console.log(`http://localhost:${server.address().port}`);
});
