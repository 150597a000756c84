import type { Principal } from '../../core/subscription/principal.ts';
import type { InputFault, TaskInput } from '../../core/task/input.ts';
import { readCreate, readPatch } from '../../core/task/input.ts';
import type { IfMatch } from '../../core/task/if-match.ts';
import { checkIfMatch } from '../../core/task/if-match.ts';
import { largestTaskBytes, wireBytes } from '../../core/task/size.ts';
import { withArchiving } from '../../protocol/archiving.ts';
import type { Task } from '../../protocol/task.ts';
import { readTask } from '../../core/task/task.ts';
import { canSee, canShare } from '../../core/subscription/visibility.ts';
import type { IdempotencyRecord, IdempotencyStore } from '../shared/dynamodb/idempotency-store.ts';
import type { TaskCounter } from '../shared/dynamodb/task-counter.ts';
import type { TaskStore, WriteOutcome } from '../shared/dynamodb/task-store.ts';
import { Refusal, valueOf } from '../../core/refusal.ts';
import type { Idempotency } from './idempotency.ts';
import { idempotencyOf } from './idempotency.ts';
import type { TaskWriteRequest } from './request.ts';

/** A task after a write; `replayed` when an earlier request with the same idempotency key had written it. */
export interface Written {
  readonly task: Task;
  readonly replayed: boolean;
}

/** How often a write starts again when others write the same task in between. */
const attempts = 10;
const idempotencySeconds = 24 * 3600;

/** What the service keeps in tables. */
export interface TaskServiceStores {
  readonly tasks: TaskStore;
  readonly counter: TaskCounter;
  readonly firstAnswers: IdempotencyStore;
}

/** What the tasks API does, apart from HTTP. All times are the caller's clock, epoch milliseconds. */
export class TaskService {
  readonly #store: TaskStore;
  readonly #counter: TaskCounter;
  readonly #firstAnswers: IdempotencyStore;
  readonly #now: () => number;

  constructor({ tasks, counter, firstAnswers }: TaskServiceStores, now: () => number) {
    this.#store = tasks;
    this.#counter = counter;
    this.#firstAnswers = firstAnswers;
    this.#now = now;
  }

  /**
   * A task that the principal may see.
   * @throws {Refusal} 404, for one that it may not see as well.
   */
  async get(principal: Principal, id: number): Promise<Task> {
    const task = await this.#store.get(principal.workspace, id);
    if (!task || !canSee(principal, task)) {
      throw new Refusal(
        'task_not_found',
        `there is no task ${id} that you may see: it may have been deleted`,
      );
    }
    return task;
  }

  /**
   * Creates a task.
   * @throws {Refusal} 400 for bad fields, 413 for too much of them, 409 for a reused idempotency key or unending
   *   contention; what is wrong with the body.
   */
  async create(principal: Principal, request: TaskWriteRequest): Promise<Written> {
    const { body, ifMatch, idempotencyKey, correlationId } = request;
    const input = accept(readCreate(valueOf(body)));
    const { user } = principal;
    const asked = { user, method: 'POST', ifMatch: ifMatch.text, input } as const;
    const idempotency = idempotencyOf(idempotencyKey, asked);
    return this.#untilWritten(principal, idempotency, async (attempt) => {
      // Someone wrote ids into the table past the counter.
      if (attempt > 1) await this.#counter.skipTakenIds(principal.workspace);
      const now = new Date(this.#now()).toISOString();
      const fields = {
        ...input,
        id: await this.#counter.nextId(principal.workspace),
        created_by: principal.user,
        created_at: now,
        updated_at: now,
        updated_by: principal.user,
        version: 1,
      };
      // In the field order that every task has.
      const task = readTask(fields)!;
      checkSize(task);
      const facts = { correlationId, once: this.#record(idempotency, task) };
      const outcome = await this.#store.create(principal.workspace, task, facts);
      return { outcome, task };
    });
  }

  /**
   * Changes fields of a task.
   * @throws {Refusal} 404, 400, 403, 409, 412, 413; what is wrong with the body.
   */
  async patch(
    principal: Principal,
    id: number,
    { body, ifMatch, idempotencyKey, correlationId }: TaskWriteRequest,
  ): Promise<Written> {
    // Whether the caller may see the task is decided before anything else about the request.
    let before: Task | undefined = await this.get(principal, id);
    const input = accept(readPatch(valueOf(body)));
    const { user } = principal;
    const asked = { user, method: 'PATCH', id, ifMatch: ifMatch.text, input } as const;
    const idempotency = idempotencyOf(idempotencyKey, asked);
    return this.#untilWritten(principal, idempotency, async () => {
      const current = before ?? (await this.get(principal, id));
      before = undefined;
      checkIfMatch(ifMatch, current.version);
      const sharing = 'visibility' in input || 'assignees' in input;
      if (sharing && !canShare(principal, current)) {
        throw new Refusal(
          'forbidden',
          'only the creator of a task and admins may change visibility and assignees',
        );
      }
      const updated_at = new Date(this.#now()).toISOString();
      const changed = withArchiving(input, current.status);
      const task = {
        ...current,
        ...changed,
        updated_at,
        updated_by: principal.user,
        version: current.version + 1,
      };
      checkSize(task);
      const facts = { correlationId, once: this.#record(idempotency, task) };
      return { outcome: await this.#store.update(principal.workspace, current, task, facts), task };
    });
  }

  /**
   * Deletes a task.
   * @throws {Refusal} 404, 400, 409, 412.
   */
  async delete(principal: Principal, id: number, ifMatch: IfMatch): Promise<void> {
    await this.#untilWritten(principal, undefined, async () => {
      const task = await this.get(principal, id);
      checkIfMatch(ifMatch, task.version);
      return { outcome: await this.#store.delete(principal.workspace, task), task };
    });
  }

  /** Tries a write until it meets the task as it was read; an idempotency key that was used gives its first answer. */
  async #untilWritten(
    { workspace }: Principal,
    idempotency: Idempotency | undefined,
    write: (attempt: number) => Promise<{ outcome: WriteOutcome; task: Task }>,
  ): Promise<Written> {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const earlier =
        idempotency && (await this.#firstAnswers.recall(workspace, idempotency.key, this.#now()));
      if (earlier && earlier.request !== idempotency.request) {
        const message =
          'this Idempotency-Key was used for another request: take a new key for each new request';
        throw new Refusal('idempotency_key_reused', message);
      }
      if (earlier) return { task: earlier.task, replayed: true };
      const { outcome, task } = await write(attempt);
      if (outcome === 'written') return { task, replayed: false };
    }
    throw new Refusal('conflict', 'others kept writing this task: load it again and repeat the change');
  }

  #record(idempotency: Idempotency | undefined, task: Task): IdempotencyRecord | undefined {
    if (!idempotency) return undefined;
    return { ...idempotency, task, expires: Math.floor(this.#now() / 1000) + idempotencySeconds };
  }
}

function accept<Input extends Partial<TaskInput>>(result: { readonly input: Input } | InputFault): Input {
  if ('input' in result) return result.input;
  throw new Refusal(result.code, result.message);
}

/** @throws {Refusal} 413 for a task that no event could tell of. */
function checkSize(task: Task): void {
  const bytes = wireBytes(task);
  if (bytes <= largestTaskBytes) return;
  const message = `the task would have ${bytes} bytes of JSON, ${largestTaskBytes} is the most: shorten name, description or assignees`;
  throw new Refusal('payload_too_large', message);
}
