import { createHash } from 'node:crypto';
import type { Task } from '../../protocol/task.ts';
import type { User } from './visibility.ts';
import { maySee } from './visibility.ts';

/** An accepted write: the task before it and after it; undefined where it was not there. */
export interface AcceptedWrite {
  readonly before: Task | undefined;
  readonly after: Task | undefined;
}

/**
 * All accepted writes of a workspace, from the answers of the API and from raw writes: what the clients must hear of is
 * computed from here, so that a wrong log is found.
 */
export class Ledger {
  readonly #tasks = new Map<number, Task>();
  readonly #writes = new Map<number, AcceptedWrite[]>();
  readonly #waived = new Set<number>();
  #count = 0;

  /** How many writes were accepted. */
  get changes(): number {
    return this.#count;
  }

  /** The tasks that were written. */
  get taskIds(): readonly number[] {
    return [...this.#writes.keys()];
  }

  /** The tasks that exist, as last written. */
  get tasks(): readonly Task[] {
    return [...this.#tasks.values()];
  }

  /** A task as last written. */
  current(id: number): Task | undefined {
    return this.#tasks.get(id);
  }

  /** Notes a write that was accepted. */
  accept(id: number, after: Task | undefined): void {
    const before = this.current(id);
    const writes = this.#writes.get(id) ?? [];
    this.#writes.set(id, writes);
    writes.push({ before, after });
    if (after === undefined) this.#tasks.delete(id);
    else this.#tasks.set(id, after);
    this.#count += 1;
  }

  /** Forgets the writes so far; the tasks stay. */
  restart(): void {
    this.#writes.clear();
    this.#waived.clear();
    this.#count = 0;
  }

  /** Leaves the writes of a task out of what clients must hear of one by one; the state must be right all the same. */
  waive(id: number): void {
    this.#waived.add(id);
  }

  /** Whether the single events of a task do not count. */
  isWaived(id: number): boolean {
    return this.#waived.has(id);
  }

  /** What a user must hear of a task, in order. */
  expected(id: number, user: User): readonly string[] {
    return (this.#writes.get(id) ?? []).flatMap(({ before, after }) => expectedEvents(before, after, user));
  }

  /** Whether a user may ever have known of a task. */
  everVisible(id: number, user: User): boolean {
    const states = (this.#writes.get(id) ?? []).flatMap(({ before, after }) => [before, after]);
    return [this.current(id), ...states].some((task) => task !== undefined && maySee(user, task));
  }
}

/** The events of one write for one user, as docs/PROTOCOL.md has it. */
function expectedEvents(before: Task | undefined, after: Task | undefined, user: User): string[] {
  const saw = before !== undefined && maySee(user, before);
  const sees = after !== undefined && maySee(user, after);
  if (!sees) return saw ? [eventKey('task.deleted')] : [];
  if (!saw) return [eventKey('task.created', after)];
  if (taskKey(before) === taskKey(after)) return [];
  const updated = eventKey('task.updated', after);
  if (before.status === after.status) return [updated];
  return [eventKey(statusChange(before.status, after.status), after), updated];
}

/** The type of a status change, with all that it tells. */
export function statusChange(from: string, to: string): string {
  return `task.status_changed from ${from} to ${to}`;
}

/** An event as text: two events are the same when this is. Of a deleted task there is only the number. */
export function eventKey(type: string, task?: Task): string {
  return task === undefined ? type : `${type} ${taskKey(task)}`;
}

/**
 * A task as text: two are the same when this is. Without the times, since those of a write whose answer was lost are not
 * known; the fields that are no help to a reader are there as a hash.
 */
export function taskKey({ created_at: _created, updated_at: _updated, ...task }: Task): string {
  const fields = JSON.stringify(Object.entries(task).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const hash = createHash('sha256').update(fields).digest('base64url').slice(0, 12);
  return `"${task.name.slice(0, 40)}" at version ${task.version}, ${task.visibility}, ${hash}`;
}
