import { entityTag } from '../protocol/entity-tag.ts';
import { idempotencyKeyHeader, ifMatchHeader } from '../protocol/headers.ts';
import { pathTo, paths } from '../protocol/routes.ts';
import type { Task } from '../protocol/task.ts';
import { RequestRefused, requestJson } from './request.ts';
import type { TokenSource } from './token-source.ts';

/** What the page sets in a task. */
export type TaskFields = Partial<Pick<Task, 'name' | 'status' | 'archived' | 'visibility'>>;

type Request = readonly [
  method: string,
  path: string,
  headers?: Readonly<Record<string, string>>,
  body?: object,
];

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

  /** @param key idempotency key: sent again with the same, the request gives its first answer. */
  create(fields: TaskFields, key: string): Promise<Task> {
    return this.#sendForTask('POST', paths.tasks, { [idempotencyKeyHeader]: key }, fields);
  }

  /** @param base the version that the change is for, 412 when it is another, and the key as for `create`. */
  update(
    id: number,
    fields: TaskFields,
    { version, key }: { readonly version: number; readonly key: string },
  ): Promise<Task> {
    const headers = { [ifMatchHeader]: entityTag(version), [idempotencyKeyHeader]: key };
    return this.#sendForTask('PATCH', pathTo(paths.task, id), headers, fields);
  }

  /** @param version which is to be deleted, 412 when it is another. */
  async delete(id: number, version: number): Promise<void> {
    await this.#send('DELETE', pathTo(paths.task, id), { [ifMatchHeader]: entityTag(version) });
  }

  get(id: number): Promise<Task> {
    return this.#sendForTask('GET', pathTo(paths.task, id));
  }

  /** All tasks that the user may see, from as many pages as there are. */
  async list(): Promise<readonly Task[]> {
    const tasks: Task[] = [];
    let path: string | undefined = paths.tasks;
    while (path !== undefined) {
      const page = (await this.#send('GET', path)) as { tasks: Task[]; nextCursor?: string };
      tasks.push(...page.tasks);
      path =
        page.nextCursor === undefined
          ? undefined
          : `${paths.tasks}?cursor=${encodeURIComponent(page.nextCursor)}`;
    }
    return tasks;
  }

  /** Asks for as little as possible, to hear why the server refuses this user. */
  async checkAccess(): Promise<void> {
    await this.#send('GET', `${paths.tasks}?limit=1`);
  }

  async #sendForTask(...request: Request): Promise<Task> {
    return ((await this.#send(...request)) as { task: Task }).task;
  }

  async #send(...request: Request): Promise<unknown> {
    const token = await this.#tokens.current();
    try {
      return await this.#sendWith(token, ...request);
    } catch (error) {
      if (!(error instanceof RequestRefused && error.status === 401)) throw error;
      this.#tokens.discard(token);
      return this.#sendWith(await this.#tokens.current(), ...request);
    }
  }

  #sendWith(token: string, ...[method, path, headers, body]: Request): Promise<unknown> {
    return requestJson(path, {
      method,
      headers: {
        ...headers,
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: this.#signal,
    });
  }
}
