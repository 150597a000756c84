import { withArchiving } from '../../protocol/archiving.ts';
import { entityTag } from '../../protocol/entity-tag.ts';
import type { TaskEvent } from '../../protocol/events.ts';
import { correlationHeader, idempotencyKeyHeader, ifMatchHeader } from '../../protocol/headers.ts';
import type { Task } from '../../protocol/task.ts';
import { absentInputs } from '../../protocol/task-input.ts';
import { RequestRefused } from '../../client/http/request.ts';
import type { TaskFields } from '../../client/http/task-api.ts';
import type { TaskFilter } from '../../client/store/task-filter.ts';
import { sampleTask } from '../core/task-samples.ts';

const timestamp = '2026-01-01T00:00:00.000Z';

/** A request of the store's user, as `Connection.send` takes it. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: TaskFields | undefined;
}

interface Writer {
  readonly user: string;
  readonly correlationId?: string | undefined;
}

/** The store's user. */
export const me = 'me';

/**
 * The tasks API and the log as docs/PROTOCOL.md has them, of one workspace, for the user `me`: versions, `If-Match`,
 * idempotency keys, filters, and events that name the request that they tell of.
 */
export class StoreServer {
  readonly tasks = new Map<number, Task>();
  /** All that a stream with the filter tells. */
  readonly log: TaskEvent[] = [];
  /** All writes in their order. */
  readonly history: {
    readonly user: string;
    readonly before: Task | undefined;
    readonly after: Task | undefined;
  }[] = [];
  /** Keys that stood for two requests. */
  readonly reusedKeys: string[] = [];
  /** Requests by the key that they had. */
  readonly #requests = new Map<string, string>();
  readonly #firstAnswers = new Map<string, Task>();
  readonly #filter: TaskFilter;
  #lastId = 0;

  constructor(filter: TaskFilter = {}) {
    this.#filter = filter;
  }

  /** The tasks that `GET /tasks` lists with the filter. */
  list(): Task[] {
    return [...this.tasks.values()]
      .filter((task) => this.#isWanted(task))
      .toSorted((one, other) => one.id - other.id);
  }

  /** The cursor after so many events. */
  placeAfter(events: number): string {
    return `after ${events}`;
  }

  /** Does what a request of `me` asks for, and gives the JSON of the answer. */
  handle({ method, path, headers, body }: Request): unknown {
    const key = headers[idempotencyKeyHeader];
    const writer = { user: me, correlationId: headers[correlationHeader] };
    if (method === 'POST') return { task: this.#once(key, [path, body], () => this.create(body!, writer)) };
    const id = Number(/^\/tasks\/(-?\d+)$/.exec(path)?.[1]);
    if (Number.isNaN(id)) return this.#page(new URLSearchParams(path.split('?')[1]));
    const task = this.tasks.get(id);
    if (task === undefined) throw refusal(404, 'task_not_found');
    if (method === 'GET') return { task };
    const change = (): Task => {
      if (headers[ifMatchHeader] !== entityTag(task.version)) throw refusal(412, 'version_mismatch');
      return method === 'DELETE' ? this.delete(id, me) : this.update(id, body!, writer);
    };
    return { task: this.#once(key, [path, headers[ifMatchHeader], body], change) };
  }

  #page(query: URLSearchParams): object {
    const [limit, cursor] = [Number(query.get('limit') ?? Infinity), query.get('cursor')];
    const rest = this.list().filter(({ id }) => id > Number(cursor));
    const tasks = rest.slice(0, limit);
    return {
      tasks,
      ...(rest.length > limit && { nextCursor: String(tasks.at(-1)!.id) }),
      ...(cursor === null && { streamCursor: this.placeAfter(this.log.length) }),
    };
  }

  /** Who wrote last what a field of a task is. */
  writerOf(id: number, field: keyof Task): string | undefined {
    return this.history.findLast(
      ({ before, after }) => (after ?? before)!.id === id && before?.[field] !== after?.[field],
    )?.user;
  }

  create(fields: TaskFields, { user, correlationId }: Writer): Task {
    this.#lastId += 1;
    const task = sampleTask({
      ...absentInputs,
      ...withArchiving(fields, absentInputs.status),
      id: this.#lastId,
      created_by: user,
      updated_by: user,
      version: 1,
    });
    this.#write({ user, before: undefined, after: task }, correlationId);
    return task;
  }

  /** @param isRaw a script writes past the API: the version stays. */
  update(id: number, fields: TaskFields, { user, correlationId }: Writer, isRaw = false): Task {
    const before = this.tasks.get(id)!;
    const task = {
      ...before,
      ...withArchiving(fields, before.status),
      ...(!isRaw && { updated_by: user, version: before.version + 1 }),
    };
    this.#write({ user, before, after: task }, correlationId);
    return task;
  }

  delete(id: number, user: string): Task {
    const task = this.tasks.get(id)!;
    this.#write({ user, before: task, after: undefined });
    return task;
  }

  #once(key: string | undefined, request: unknown, act: () => Task): Task {
    if (key === undefined) return act();
    const text = JSON.stringify(request);
    if ((this.#requests.get(key) ?? text) !== text) {
      this.reusedKeys.push(key);
      throw refusal(409, 'idempotency_key_reused');
    }
    this.#requests.set(key, text);
    const answer = this.#firstAnswers.get(key) ?? act();
    this.#firstAnswers.set(key, answer);
    return answer;
  }

  #write(write: StoreServer['history'][number], correlationId?: string): void {
    const { before, after } = write;
    this.history.push(write);
    const { id: taskId } = (after ?? before)!;
    const correlated = { timestamp, ...(correlationId !== undefined && { correlationId }) };
    if (after === undefined) this.tasks.delete(taskId);
    else this.tasks.set(taskId, after);
    const [was, is] = [before, after].map((task) => task !== undefined && this.#isWanted(task));
    if (!is) {
      if (was) this.log.push({ type: 'task.deleted', taskId, timestamp });
      return;
    }
    const task = after!;
    if (was && before!.status !== task.status) {
      const [previousStatus, newStatus] = [before!.status, task.status];
      this.log.push({ type: 'task.status_changed', taskId, task, previousStatus, newStatus, ...correlated });
    }
    this.log.push({ type: was ? 'task.updated' : 'task.created', taskId, task, ...correlated });
  }

  #isWanted({ id, status, assigned_to_agent: assigned }: Task): boolean {
    const { tasks, status: statuses, assigned_to_agent: wanted } = this.#filter;
    if (tasks !== undefined && !tasks.includes(id)) return false;
    if (statuses !== undefined && !statuses.includes(status)) return false;
    return wanted === undefined || wanted === assigned;
  }
}

/** An answer that is an error, as `Connection.send` throws it. */
export function refusal(status: number, code: string, retryAfterMs?: number): RequestRefused {
  return new RequestRefused({ status, code, message: code, retryAfterMs });
}
