import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { MemoryReport } from '../../functions/runtime/channel.ts';
import { collectGarbage } from '../../functions/runtime/collect-garbage.ts';

/** How an environment is. */
export interface EnvironmentReport extends MemoryReport {
  /** How many connections can take no more until their client has read. */
  readonly blocked: number;
}

/** What is asked for: memory in use, for which what is none is collected first, or connections alone. */
export type EnvironmentQuestion = 'memory' | 'connections';

/** Answers the stack when it asks how the environment is; to be called before a server listens. */
export function reportWhenAsked(): void {
  const sockets = new Set<Socket>();
  subscribe('net.server.socket', (message) => {
    const { socket } = message as { readonly socket: Socket };
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  process.on('message', (question: EnvironmentQuestion) => {
    if (question === 'memory') collectGarbage();
    const { rss, heapUsed, external } = process.memoryUsage();
    const blocked = [...sockets].filter(({ writableNeedDrain }) => writableNeedDrain).length;
    process.send?.({ rss, heapUsed, external, blocked } satisfies EnvironmentReport);
  });
}
