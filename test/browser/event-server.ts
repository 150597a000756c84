import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { sampleTask } from '../core/task-samples.ts';
import type { Task } from '../../protocol/task.ts';

const timestamp = '2026-01-01T00:00:00.000Z';

/** A deployment that has some tasks and one stream, and tells as many events as a test wants. */
export class EventServer {
  /** How many streams are open. */
  streams = 0;
  readonly #tasks: Map<number, Task>;
  readonly #server: Server;
  #stream: ServerResponse | undefined;
  #told = 0;

  private constructor(ids: readonly number[]) {
    this.#tasks = new Map(ids.map((id) => [id, sampleTask({ id, name: `task ${id}` })]));
    this.#server = createServer((request, response) => this.#answer(request.url ?? '', response));
  }

  /** @param ids of its tasks. */
  static async start(ids: readonly number[]): Promise<EventServer> {
    const started = new EventServer(ids);
    started.#server.listen(0, '127.0.0.1');
    await once(started.#server, 'listening');
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /**
   * Tells of changes, one every few milliseconds.
   * @param idOf which task the change is of, from 1 on.
   */
  async tellEvery(milliseconds: number, changes: number, idOf: (count: number) => number): Promise<void> {
    for (let count = 1; count <= changes; count += 1) {
      const before = this.#tasks.get(idOf(count))!;
      const task = { ...before, name: `change ${count}`, version: before.version + 1 };
      this.#tasks.set(task.id, task);
      this.#tell({ type: 'task.updated', taskId: task.id, task, timestamp });
      await pause(milliseconds);
    }
  }

  #answer(url: string, response: ServerResponse): void {
    const { pathname } = new URL(url, this.url);
    if (pathname === '/sse/connect') {
      this.streams += 1;
      response.on('close', () => (this.streams -= 1));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      this.#stream = response;
      this.#tell({ type: 'connection.established', connectionId: 'one', userId: 'ana', timestamp });
    } else if (pathname === '/tasks') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ tasks: [...this.#tasks.values()], streamCursor: 'a.0.0.0.b' }));
    } else {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><title>Hooks</title>');
    }
  }

  #tell(data: object): void {
    this.#told += 1;
    this.#stream?.write(`id: a.1.${this.#told}.0.b\ndata: ${JSON.stringify(data)}\n\n`);
  }
}
