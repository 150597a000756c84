import { createHash } from 'node:crypto';
import type { Task } from '../../protocol/task.ts';
import type { Change } from '../../core/log/change.ts';
import { readTask } from '../../core/task/task.ts';

/** A task of which clients do not know what the table has. */
export interface Missed {
  readonly task: number;
  /** The version in the table; undefined where it has no such task. */
  readonly table: number | undefined;
  /** The version that the log told last; undefined where it told of none, `deleted` where it told of its end. */
  readonly log: number | 'deleted' | undefined;
  /** When the table's version was written by the API, epoch milliseconds; undefined where the task does not say. */
  readonly writtenAt: number | undefined;
}

/** What is kept of a task to compare it. */
export interface TaskFacts {
  readonly id: number;
  readonly version: number;
  /** Of all that clients see of it. */
  readonly digest: string;
  /** When the API wrote it last, epoch milliseconds; undefined where the task does not say. */
  readonly writtenAt: number | undefined;
}

/** The facts of a task. */
export function factsOf(task: Task): TaskFacts {
  const { id, version, updated_at: updatedAt } = task;
  const digest = createHash('sha256').update(JSON.stringify(task)).digest('base64');
  return { id, version, digest, writtenAt: updatedAt === null ? undefined : Date.parse(updatedAt) };
}

/** What a log told last of a task. */
interface Word {
  /** Its place among all that the log told. */
  readonly order: number;
  /** What was told; undefined where it was the task's end. */
  readonly told: TaskFacts | undefined;
}

/** When the log last told everybody to load the state again. */
interface Reload {
  readonly order: number;
  /** Epoch milliseconds: clients have loaded after that. */
  readonly at: number;
}

/** What a log last told of each task, as its segments are read in ascending order. */
export class LastWords {
  readonly #words = new Map<number, Word>();
  #reload: Reload | undefined;
  #order = 0;
  /** Whatever was written after that is told, if it is told at all, by what is kept. Epoch milliseconds. */
  #reachesBackTo: number | undefined;

  /** Takes what one segment tells. @param at when it was logged, epoch milliseconds. */
  take(at: number, changes: readonly Change[]): void {
    this.#reachesBackTo ??= at;
    for (const change of changes) {
      this.#order += 1;
      if (change.kind === 'resync') {
        this.#reload = { order: this.#order, at };
      } else {
        const after = change.after && readTask({ ...change.after });
        this.#words.set(change.task, { order: this.#order, told: after && factsOf(after) });
      }
    }
  }

  /** The tasks that the log has told of, and not of their end. */
  get alive(): readonly number[] {
    return [...this.#words].filter(([, { told }]) => told !== undefined).map(([task]) => task);
  }

  /**
   * Compares a task of the table with what was told of it.
   * @param reachesBackTo from when on the log has everything where no segment is kept, epoch milliseconds.
   * @returns undefined where clients know it, as far as the log and the task's own times say.
   */
  compare(task: TaskFacts, reachesBackTo: number | undefined): Missed | undefined {
    const { writtenAt } = task;
    const word = this.#words.get(task.id);
    if (word?.told?.digest === task.digest) return undefined;
    const isLoaded = this.#isReloadedAfter(word) && (writtenAt ?? 0) <= this.#reload!.at;
    if (isLoaded) return undefined;
    const since = this.#reachesBackTo ?? reachesBackTo;
    const isOlder = writtenAt === undefined || since === undefined || writtenAt <= since;
    if (word === undefined && isOlder) return undefined;
    const log = word === undefined ? undefined : (word.told?.version ?? 'deleted');
    return { task: task.id, table: task.version, log, writtenAt };
  }

  /** As `compare`, for a task that the table has not. */
  compareGone(id: number): Missed | undefined {
    const word = this.#words.get(id);
    if (word?.told === undefined || this.#isReloadedAfter(word)) return undefined;
    return { task: id, table: undefined, log: word.told.version, writtenAt: undefined };
  }

  #isReloadedAfter(word: Word | undefined): boolean {
    return this.#reload !== undefined && (word === undefined || word.order < this.#reload.order);
  }
}

/** What has been missed, in a sentence. */
export function describeMissed({ task, table, log }: Missed): string {
  if (table === undefined)
    return `clients have not heard that task ${task} is gone: they were told version ${log}`;
  if (log === undefined) return `clients have not heard of task ${task}, version ${table}`;
  if (log === 'deleted')
    return `clients were told that task ${task} is gone, and the table has version ${table}`;
  if (log === table) return `clients have not heard of a change of task ${task} within version ${table}`;
  return `clients have not heard of version ${table} of task ${task}: they were told version ${log}`;
}
