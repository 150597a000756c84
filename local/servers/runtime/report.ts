import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { MemoryReport } from '../../functions/runtime/channel.ts';
import { collectGarbage } from '../../functions/runtime/collect-garbage.ts';

/** How a server is. */
export interface ServerReport extends MemoryReport {
  /** For how long it has used a processor, milliseconds. */
  readonly processorMs: number;
  /** How many connections can take no more until their client has read. */
  readonly blocked: number;
}

/** What is asked for: memory in use, for which what is none is collected first, or connections alone. */
export type ServerQuestion = 'memory' | 'connections';

/** Answers the stack when it asks how the server is; to be called before a server listens. */
export function reportWhenAsked(): void {
  const sockets = new Set<Socket>();
  subscribe('net.server.socket', (message) => {
    const { socket } = message as { readonly socket: Socket };
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  process.on('message', (question: ServerQuestion) => {
    if (question === 'memory') collectGarbage();
    const { rss, heapUsed, external } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const processorMs = (user + system) / 1000;
    const blocked = [...sockets].filter(({ writableNeedDrain }) => writableNeedDrain).length;
    process.send?.({ rss, heapUsed, external, processorMs, blocked } satisfies ServerReport);
  });
}
