import { entityTag } from '../../protocol/entity-tag.ts';
import { idempotencyKeyHeader, ifMatchHeader } from '../../protocol/headers.ts';
import { pathTo, paths } from '../../protocol/paths.ts';
import type { Task } from '../../protocol/task.ts';
import type { TaskInput } from '../../protocol/task-input.ts';
import type { Connection } from '../connection/connection.ts';
import { queryOf } from '../shared/query.ts';
import type { TaskFilter } from '../store/task-filter.ts';

/** The tasks that there were, and where a stream goes on that tells what has happened to them since. */
export interface ListedTasks {
  readonly tasks: readonly Task[];
  readonly streamCursor: string;
}

/** The fields of a task that a client sets. */
export type TaskFields = Partial<TaskInput>;

/** What fills a screen, and comes in a fraction of the time that a full page takes. */
const usualFirstPage = 100;

interface TaskPage {
  readonly tasks: readonly Task[];
  readonly nextCursor?: string;
  readonly streamCursor?: string;
}

/** The HTTP API of tasks. All methods throw as `Connection.send`. */
export class TaskApi {
  readonly #caller: Pick<Connection, 'send'>;

  constructor(caller: Pick<Connection, 'send'>) {
    this.#caller = caller;
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
    await this.#caller.send('DELETE', pathTo(paths.task, id), { [ifMatchHeader]: entityTag(version) });
  }

  get(id: number): Promise<Task> {
    return this.#sendForTask('GET', pathTo(paths.task, id));
  }

  /**
   * All tasks that the user may see, from as many pages as there are.
   * @param filter those of them that it names.
   * @param onPage hears of all that are there so far, when there are more to come. The first page is a small one.
   */
  async list(
    { tasks: ids, status, assigned_to_agent }: TaskFilter = {},
    onPage?: (tasks: readonly Task[]) => void,
    firstPage = usualFirstPage,
  ): Promise<ListedTasks> {
    const tasks: Task[] = [];
    let cursor: string | undefined;
    let streamCursor: string | undefined;
    do {
      const limit = cursor === undefined ? firstPage : undefined;
      const query = queryOf({ tasks: ids, status, assigned_to_agent, limit, cursor });
      const page = (await this.#caller.send('GET', `${paths.tasks}?${query.toString()}`)) as TaskPage;
      tasks.push(...page.tasks);
      // Of the first page: older than the tasks of every page.
      streamCursor ??= page.streamCursor;
      cursor = page.nextCursor;
      if (cursor !== undefined) onPage?.(tasks);
    } while (cursor !== undefined);
    return { tasks, streamCursor: streamCursor ?? '' };
  }

  async #sendForTask(...request: Parameters<Connection['send']>): Promise<Task> {
    return ((await this.#caller.send(...request)) as { task: Task }).task;
  }
}
