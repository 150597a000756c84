import type { Task } from '../core/task/task.ts';
import { RequestRefused, requestJson } from './request.ts';
import type { TokenSource } from './token-source.ts';

/** What the page sets in a task. */
export type TaskFields = Partial<Pick<Task, 'name' | 'status' | 'visibility'>>;

/**
 * The HTTP API of tasks. A token that is refused is replaced once. All methods throw as `requestJson`.
 */
export class TaskApi {
  readonly #tokens: TokenSource;
  readonly #signal: AbortSignal;

  /** @param signal ends all requests. */
  constructor(tokens: TokenSource, signal: AbortSignal) {
    this.#tokens = tokens;
    this.#signal = signal;
  }

  async create(fields: TaskFields): Promise<void> {
    await this.#send('POST', '/tasks', fields);
  }

  async update(id: number, fields: TaskFields): Promise<void> {
    await this.#send('PATCH', `/tasks/${id}`, fields);
  }

  async delete(id: number): Promise<void> {
    await this.#send('DELETE', `/tasks/${id}`);
  }

  /** All tasks that the user may see, from as many pages as there are. */
  async list(): Promise<readonly Task[]> {
    const tasks: Task[] = [];
    let path: string | undefined = '/tasks';
    while (path !== undefined) {
      const page = (await this.#send('GET', path)) as { tasks: Task[]; nextCursor?: string };
      tasks.push(...page.tasks);
      path =
        page.nextCursor === undefined ? undefined : `/tasks?cursor=${encodeURIComponent(page.nextCursor)}`;
    }
    return tasks;
  }

  /** Asks for as little as possible, to hear why the server refuses this user. */
  async checkAccess(): Promise<void> {
    await this.#send('GET', '/tasks?limit=1');
  }

  async #send(method: string, path: string, body?: object): Promise<unknown> {
    const token = await this.#tokens.current();
    try {
      return await this.#sendWith(token, method, path, body);
    } catch (error) {
      if (!(error instanceof RequestRefused && error.status === 401)) throw error;
      this.#tokens.discard(token);
      return this.#sendWith(await this.#tokens.current(), method, path, body);
    }
  }

  #sendWith(token: string, method: string, path: string, body?: object): Promise<unknown> {
    return requestJson(path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: this.#signal,
    });
  }
}
