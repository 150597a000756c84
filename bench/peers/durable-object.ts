/** A task server of the shape of the earlier system: one Durable Object that all are connected to, in workerd. */
import { readFileSync } from 'node:fs';
import { requirePeer } from './packages.ts';
import { servePeer } from './peer.ts';

/** What is used of the package. */
interface MiniflarePackage {
  readonly Miniflare: new (options: object) => { readonly ready: Promise<URL>; dispose(): Promise<void> };
}

const { Miniflare } = requirePeer('miniflare') as MiniflarePackage;
const server = new Miniflare({
  modules: [{ type: 'ESModule', path: new URL('task-object.js', import.meta.url).pathname }],
  durableObjects: { TASKS: { className: 'TaskObject', useSQLite: true } },
  compatibilityDate: '2026-07-01',
  host: '127.0.0.1',
  port: 0,
});
const { port } = await server.ready;
const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
await servePeer({
  port: Number(port),
  // What Miniflare does itself is to start workerd.
  pids: children.trim().split(' ').map(Number),
  settle: () => undefined,
  close: () => server.dispose(),
});
