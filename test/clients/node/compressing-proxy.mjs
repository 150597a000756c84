/**
 * A proxy that compresses what it hands on, as pages in development and in production often have one before their API.
 * Usage: node compressing-proxy.mjs <url of the stack>. Prints the port of the proxy, and that of another one which hides
 * `no-transform` from its own compression.
 */
import compression from 'compression';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { asked } from './driver.mjs';

const [target] = process.argv.slice(2);

/** @param on what `http-proxy-middleware` does with an answer */
async function listen(on) {
  const app = express();
  app.use(compression({ filter: () => true, threshold: 0 }));
  app.use(createProxyMiddleware({ target, changeOrigin: true, on }));
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
}

const port = await listen({});
const portWithoutHeader = await listen({
  proxyRes: ({ headers }) => {
    headers['cache-control'] = headers['cache-control']?.replace(/,?\s*no-transform/, '');
  },
});
console.log(JSON.stringify({ port, portWithoutHeader }));
await asked();
process.exit();
