import { withArchiving } from '../../protocol/archiving.ts';
import { correlationHeader } from '../../protocol/headers.ts';
import { correlationIdPattern } from '../../protocol/patterns.ts';
import type { TaskEvent } from '../../protocol/events.ts';
import type { Task } from '../../protocol/task.ts';
import type { Connection } from '../connection/connection.ts';
import type { TaskFields } from '../http/task-api.ts';
import { TaskApi } from '../http/task-api.ts';
import type { PendingWrite, TaskWriteOutcome } from './pending-write.ts';
import { isConflict, withWrite } from './pending-write.ts';
import type { WaitForAttempt } from './repeated-sending.ts';
import { newIdempotencyKey, refusalOf, rounds, sendUntilAnswered } from './repeated-sending.ts';
import { hasFields, isSame } from './task-changes.ts';
import type { TaskReplica } from './task-replica.ts';

/** What a write is about. */
export type WantedWrite = Pick<PendingWrite, 'kind' | 'fields'> & {
  readonly key?: string | undefined;
  readonly seen?: Task | undefined;
};

/** The pending writes of one task, in order: the first has been sent. */
interface Queue {
  /** Negative until the task is created. */
  id: number;
  readonly writes: PendingWrite[];
}

export interface WriteQueuesOptions {
  readonly connection: Pick<Connection, 'send'>;
  readonly replica: TaskReplica;
  readonly wait: WaitForAttempt;
  /** What is shown of a task, or that something is pending, may have changed. */
  readonly onChange: (id: number) => void;
  /** A task has been created, and has its id from now on. */
  readonly onCreated: (temporaryId: number, task: Task) => void;
}

/**
 * The writes that the server has not confirmed: one after another for each task, so that each goes by the version that the
 * one before has made. A write is confirmed by its answer or by its event, whichever comes first.
 */
export class WriteQueues {
  readonly #options: WriteQueuesOptions;
  readonly #queues = new Map<number, Queue>();

  constructor(options: WriteQueuesOptions) {
    this.#options = options;
  }

  has(id: number): boolean {
    return this.#queues.has(id);
  }

  /** A task as its user sees it: as the server has it, with what is pending laid over. */
  overlaid(id: number): Task | undefined {
    let task = this.#options.replica.get(id);
    for (const write of this.#queues.get(id)?.writes ?? []) task = withWrite(task, id, write);
    return task;
  }

  /** Begins a write. One that is the same as the task's last, which is pending, is that one. */
  add(id: number, wanted: WantedWrite): Promise<TaskWriteOutcome> {
    const { kind, key = newIdempotencyKey(), seen = this.overlaid(id) } = wanted;
    // As they will be sent: without what is undefined.
    const fields = JSON.parse(JSON.stringify(wanted.fields)) as TaskFields;
    const queue = this.#queues.get(id) ?? { id, writes: [] };
    const last = queue.writes.at(-1);
    if (last?.kind === kind && isSame(last.fields, fields)) return last.outcome.promise;
    if (kind !== 'create' && seen === undefined) return Promise.resolve({ kind: 'gone' });
    const write: PendingWrite = {
      kind,
      fields,
      key,
      correlationId: correlationIdPattern.test(key) ? key : newIdempotencyKey(),
      seen: new Set(seen && [seen]),
      outcome: Promise.withResolvers(),
    };
    queue.writes.push(write);
    this.#queues.set(id, queue);
    this.#options.onChange(id);
    if (queue.writes.length === 1) void this.#perform(queue, write);
    return write.outcome.promise;
  }

  /**
   * Takes tasks of a load that were not known before. Unlike an event, none says which request has made it: one that has
   * the fields of a task that is being created is taken for that.
   */
  recognize(loaded: readonly Task[]): void {
    const taken = new Set<number>();
    for (const { writes } of this.#queues.values()) {
      const [write] = writes;
      if (write?.kind !== 'create' || write.loadedAs !== undefined) continue;
      write.loadedAs = loaded.find((task) => !taken.has(task.id) && hasFields(task, write.fields))?.id;
      if (write.loadedAs !== undefined) taken.add(write.loadedAs);
    }
  }

  /** Whether a task may be one that is shown as it is being created. */
  isRecognized(id: number): boolean {
    return [...this.#queues.values()].some(({ writes }) => writes[0]?.loadedAs === id);
  }

  /** Takes an event before the replica does: it may confirm a write. */
  confirm(event: TaskEvent): void {
    if (event.type === 'task.deleted' || event.correlationId === undefined) return;
    for (const queue of this.#queues.values()) {
      const [write] = queue.writes;
      if (write?.correlationId !== event.correlationId) continue;
      if (write.kind === 'create' || event.taskId === queue.id)
        this.#settle(queue, write, { kind: 'done', task: event.task });
    }
  }

  async #perform(queue: Queue, write: PendingWrite): Promise<void> {
    try {
      this.#settle(queue, write, await this.#send(queue, write));
    } catch (error) {
      if (refusalOf(error)?.status === 404) this.#settle(queue, write, { kind: 'gone' });
      else this.#settle(queue, write, undefined, error);
    }
  }

  async #send(queue: Queue, write: PendingWrite): Promise<TaskWriteOutcome> {
    const { kind, fields, key } = write;
    const { connection, replica, onChange } = this.#options;
    const api = new TaskApi({
      send: (method, path, headers, body) =>
        connection.send(method, path, { ...headers, [correlationHeader]: write.correlationId }, body),
    });
    const untilAnswered = <Answer>(request: () => Promise<Answer>): Promise<Answer> =>
      sendUntilAnswered(request, async (attempts, atLeastMs) => {
        await this.#options.wait(attempts, atLeastMs);
        if (queue.writes[0] !== write) throw new Error('The write was confirmed by its event.');
      });
    if (kind === 'create') return { kind: 'done', task: await untilAnswered(() => api.create(fields, key)) };
    const { id } = queue;
    for (let round = 1, current = replica.get(id); ; round += 1, current = undefined) {
      if (current === undefined) {
        current = await untilAnswered(() => api.get(id));
        replica.takeAnswer(id, current);
        onChange(id);
        // Somebody has done the same, or the user has, and the answer was lost.
        if (kind === 'update' && hasFields(current, withArchiving(fields, current.status)))
          return { kind: 'done', task: current };
      }
      if (isConflict(write, current)) return this.#conflict(queue, write, current);
      const { version } = current;
      try {
        if (kind === 'remove') {
          await untilAnswered(() => api.delete(id, version));
          return { kind: 'gone' };
        }
        const change = { version, key: newIdempotencyKey() };
        return { kind: 'done', task: await untilAnswered(() => api.update(id, fields, change)) };
      } catch (error) {
        if (refusalOf(error)?.status !== 412 || round === rounds) throw error;
      }
    }
  }

  #conflict(queue: Queue, { kind, fields }: PendingWrite, current: Task): TaskWriteOutcome {
    return {
      kind: 'conflict',
      current,
      mine: kind === 'remove' ? undefined : fields,
      keepMine: () => this.add(queue.id, { kind, fields, seen: current }),
    };
  }

  /** A write has ended; nothing happens where it had before. Without an outcome it has failed, and is taken back. */
  #settle(queue: Queue, write: PendingWrite, outcome: TaskWriteOutcome | undefined, error?: unknown): void {
    if (queue.writes[0] !== write) return;
    const { replica, onChange } = this.#options;
    queue.writes.shift();
    for (const { seen } of queue.writes) {
      // Whether it was done or not, it is no change by somebody else.
      const [first] = seen;
      for (const task of [...write.seen, withWrite(first, queue.id, write)]) if (task) seen.add(task);
    }
    if (write.kind === 'create') this.#created(queue, outcome?.kind === 'done' ? outcome.task : undefined);
    else if (outcome?.kind === 'done') replica.takeAnswer(queue.id, outcome.task);
    else if (outcome?.kind === 'gone') replica.takeAnswer(queue.id, undefined);
    const [next] = queue.writes;
    if (next === undefined && this.#queues.get(queue.id) === queue) this.#queues.delete(queue.id);
    onChange(queue.id);
    if (write.loadedAs !== undefined) onChange(write.loadedAs);
    if (outcome === undefined) write.outcome.reject(error);
    else write.outcome.resolve(outcome);
    if (next !== undefined) void this.#perform(queue, next);
  }

  /** The first write of a queue has created its task, or has failed to: then there is nothing for the others to be about. */
  #created(queue: Queue, task: Task | undefined): void {
    const { replica, onChange, onCreated } = this.#options;
    const temporaryId = queue.id;
    if (task === undefined) {
      for (const later of queue.writes.splice(0)) later.outcome.resolve({ kind: 'gone' });
      return;
    }
    replica.takeAnswer(task.id, task, true);
    for (const later of queue.writes) later.seen.add(task);
    this.#queues.delete(temporaryId);
    queue.id = task.id;
    const other = this.#queues.get(task.id);
    // Its task was seen, and written, before it was known to be the one.
    if (other !== undefined) other.writes.push(...queue.writes.splice(0));
    else this.#queues.set(task.id, queue);
    onCreated(temporaryId, task);
    onChange(temporaryId);
  }
}
