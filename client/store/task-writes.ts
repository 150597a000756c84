import type { Task } from '../../protocol/task.ts';
import type { TaskApi, TaskFields } from '../http/task-api.ts';
import type { WaitForAttempt } from './repeated-sending.ts';
import { isAnswer, newIdempotencyKey, refusalOf, rounds, sendUntilAnswered } from './repeated-sending.ts';
import { changedFields, hasFields } from './task-changes.ts';

/**
 * How a write went. `conflict`: nothing was written, because somebody else has changed what the user was about to
 * replace; `current` is what it is now, for the user to decide anew. `gone`: there is no such task any more.
 */
export type WriteOutcome =
  | { readonly kind: 'done'; readonly task: Task }
  | { readonly kind: 'gone' }
  | { readonly kind: 'conflict'; readonly current: Task };

export interface TaskWritesOptions {
  readonly api: Pick<TaskApi, 'create' | 'update' | 'delete' | 'get'>;
  readonly wait: WaitForAttempt;
}

/**
 * The writes of the board. Each happens once, however often it is asked for while it is under way and whatever answers
 * are lost; and none replaces what its user has not seen. All methods throw as `requestJson`.
 */
export class TaskWrites {
  readonly #options: TaskWritesOptions;
  /** Writes under way, by what they ask for. */
  readonly #underWay = new Map<string, Promise<WriteOutcome>>();
  /** Keys of changes of which nobody knows whether they happened, by what they ask for. */
  readonly #unsettled = new Map<string, string>();

  constructor(options: TaskWritesOptions) {
    this.#options = options;
  }

  /** @param key of the one thing that the user did: the same when it is tried again. */
  create(fields: TaskFields, key: string): Promise<WriteOutcome> {
    return this.#once(key, async () => ({
      kind: 'done',
      task: await this.#send(() => this.#options.api.create(fields, key)),
    }));
  }

  /**
   * Changes fields of a task.
   * @param seen the task as the user saw it who decided on the change.
   */
  update(seen: Task, fields: TaskFields): Promise<WriteOutcome> {
    return this.#once(JSON.stringify([seen.id, seen.version, fields]), () => this.#update(seen, fields));
  }

  /**
   * Deletes a task.
   * @param seen as for `update`: whatever has changed since is a conflict.
   */
  delete(seen: Task): Promise<WriteOutcome> {
    return this.#once(JSON.stringify([seen.id, seen.version]), () => this.#delete(seen));
  }

  async #update(seen: Task, fields: TaskFields): Promise<WriteOutcome> {
    const { api } = this.#options;
    const wanted = Object.keys(fields);
    return this.#untilWritten(
      seen,
      (version) => this.#change(seen.id, fields, version),
      async () => {
        const current = await this.#send(() => api.get(seen.id));
        // Somebody has done the same, or the user has, and the answer was lost.
        if (hasFields(current, fields)) return { kind: 'done', task: current };
        const isReplaced = changedFields(seen, current).some((field) => wanted.includes(field));
        return isReplaced ? { kind: 'conflict', current } : current;
      },
    );
  }

  async #delete(seen: Task): Promise<WriteOutcome> {
    const { api } = this.#options;
    try {
      return await this.#untilWritten(
        seen,
        async (version) => {
          await this.#send(() => api.delete(seen.id, version));
          return { kind: 'gone' };
        },
        async () => {
          const current = await this.#send(() => api.get(seen.id));
          return changedFields(seen, current).length > 0 ? { kind: 'conflict', current } : current;
        },
      );
    } catch (error) {
      // It is gone, whoever did it: another, or an attempt before, whose answer was lost.
      if (refusalOf(error)?.status === 404) return { kind: 'gone' };
      throw error;
    }
  }

  /**
   * @param write as the version that is given, with `If-Match`.
   * @param look called when the task has moved on: gives how the write ends, or the task to write over all the same.
   */
  async #untilWritten(
    seen: Task,
    write: (version: number) => Promise<WriteOutcome>,
    look: () => Promise<WriteOutcome | Task>,
  ): Promise<WriteOutcome> {
    let { version } = seen;
    for (let round = 1; ; round += 1) {
      try {
        return await write(version);
      } catch (error) {
        if (refusalOf(error)?.status !== 412 || round === rounds) throw error;
      }
      const found = await look();
      if ('kind' in found) return found;
      version = found.version;
    }
  }

  /** A change with a key of its own, which it keeps until an answer says how it went. */
  async #change(id: number, fields: TaskFields, version: number): Promise<WriteOutcome> {
    const request = JSON.stringify([id, version, fields]);
    const key = this.#unsettled.get(request) ?? newIdempotencyKey();
    this.#unsettled.set(request, key);
    try {
      const task = await this.#send(() => this.#options.api.update(id, fields, { version, key }));
      this.#unsettled.delete(request);
      return { kind: 'done', task };
    } catch (error) {
      if (isAnswer(error)) this.#unsettled.delete(request);
      throw error;
    }
  }

  /** What is asked for twice is done once, and both hear how it went. */
  #once(request: string, write: () => Promise<WriteOutcome>): Promise<WriteOutcome> {
    const underWay = this.#underWay.get(request);
    if (underWay) return underWay;
    const begun = write().finally(() => this.#underWay.delete(request));
    this.#underWay.set(request, begun);
    return begun;
  }

  #send<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    return sendUntilAnswered(request, this.#options.wait);
  }
}
