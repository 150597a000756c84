import { idempotencyKeyHeader } from '../../protocol/headers.ts';
import { paths, pathTo } from '../../protocol/routes.ts';
import type { Task } from '../../protocol/task.ts';
import type { Asked, Http } from './http.ts';
import { UnexpectedAnswer } from './http.ts';
import type { NewTask } from './probe-task.ts';
import { probeFilter } from './probe-task.ts';

interface Page {
  readonly tasks: readonly Task[];
  readonly nextCursor?: string;
}

/** The API as the canary uses it. Each call throws {@link UnexpectedAnswer}, or what the network throws. */
export class TaskApi {
  readonly #http: Http;
  readonly #base: string;
  readonly #token: string;

  constructor(http: Http, apiUrl: string, token: string) {
    this.#http = http;
    this.#base = apiUrl;
    this.#token = token;
  }

  /**
   * Writes a task.
   * @param key the same one never writes two.
   * @returns the id of the task.
   */
  async create(task: NewTask, key: string, signal: AbortSignal): Promise<number> {
    const headers = { [idempotencyKeyHeader]: key };
    const answer = await this.#ask(paths.tasks, { method: 'POST', headers, body: task, signal });
    return (answer as { readonly task: Task }).task.id;
  }

  /** Deletes a task; one that is not there is deleted. */
  async remove(id: number, signal: AbortSignal): Promise<void> {
    await this.#ask(pathTo(paths.task, id), { method: 'DELETE', signal }).catch((error: unknown) => {
      if (!(error instanceof UnexpectedAnswer) || error.status !== 404) throw error;
    });
  }

  /** The tasks among which those of the canary are, page by page. */
  async *list(signal: AbortSignal): AsyncGenerator<readonly Task[]> {
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ ...probeFilter, ...(cursor !== undefined && { cursor }) });
      const page = (await this.#ask(`${paths.tasks}?${query}`, { method: 'GET', signal })) as Page;
      yield page.tasks;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }

  /** Says that nobody listens to a stream any more. */
  async disconnect(connectionId: string, signal: AbortSignal): Promise<void> {
    await this.#ask(paths.disconnect, { method: 'POST', body: { connectionId }, signal });
  }

  #ask(path: string, asked: Asked): Promise<unknown> {
    const headers = { ...asked.headers, authorization: `Bearer ${this.#token}` };
    return this.#http.ask(new URL(path, this.#base), { ...asked, headers });
  }
}
