import type { Connection, Task, TaskStatus } from '../../client/index.ts';
import type { TaskStore, TaskWriteOutcome } from '../../client/store/index.ts';
import { columnOf, columnTitles, fieldsToMove } from '../board/columns.ts';
import type { ToastQueue } from '../toasts/use-toasts.ts';
import { describeChanges, writerOf } from './change-words.ts';
import { DeferredRemovals } from './deferred-removals.ts';

export interface TaskActionsOptions {
  readonly store: Pick<TaskStore, 'update' | 'remove'>;
  readonly connection: Pick<Connection, 'send'>;
  readonly toasts: ToastQueue;
  /** Whose board it is. */
  readonly user: string;
}

/** What is told and asked where somebody else has changed a task meanwhile. */
interface ConflictWords {
  readonly seen: Task;
  readonly keepMine: string;
  readonly takeTheirs: (who: string) => string;
  /** Said where the task is gone; undefined for a deletion, which is meant to end so. */
  readonly gone?: string;
}

/** What the user does with tasks, and what the user is told of how it went. */
export class TaskActions {
  readonly #options: TaskActionsOptions;
  readonly #removals = new DeferredRemovals();
  /** Dismisses the notices with which deletions are taken back, by the ids of their tasks. */
  readonly #notices = new Map<number, () => void>();
  /** The same for moves: an undo of what was before would take back what is done with the task later. */
  readonly #moveNotices = new Map<number, () => void>();

  constructor(options: TaskActionsOptions) {
    this.#options = options;
    globalThis.addEventListener?.('pagehide', this.#leave);
  }

  /** Ids of the tasks that are not shown, since their deletion waits or is under way. */
  get hidden(): Pick<DeferredRemovals, 'getSnapshot' | 'subscribe'> {
    return this.#removals;
  }

  /** Moves a task to another column, and offers to take that back. */
  async move(task: Task, column: TaskStatus): Promise<void> {
    if (columnOf(task) === column) return;
    const { store, toasts } = this.#options;
    this.#moveNotices.get(task.id)?.();
    const words = mineOrTheirs(task);
    const outcome = await this.#settle(
      store.update(task.id, fieldsToMove(task, column), { seen: task }),
      words,
    );
    if (outcome?.kind !== 'done') return;
    const moved = outcome.task;
    const back = { status: task.status, archived: task.archived };
    const undo = (): void =>
      void this.#settle(store.update(moved.id, back, { seen: moved }), mineOrTheirs(moved));
    const dismiss = toasts.show({
      text: `Moved “${task.name}” to ${columnTitles[column]}.`,
      actions: [{ label: 'Undo', onClick: undo }],
      onGone: () => this.#moveNotices.delete(moved.id),
    });
    this.#moveNotices.set(moved.id, dismiss);
  }

  /** Takes a task off the board, and deletes it when that is not taken back. */
  remove(task: Task): void {
    const { toasts } = this.#options;
    const { id, name } = task;
    if (this.#removals.getSnapshot().has(id)) return;
    this.#moveNotices.get(id)?.();
    this.#removals.add(task, () => this.#notices.get(id)?.());
    const undo = (): void => {
      if (this.#removals.take(id)) this.#removals.show(id);
    };
    const dismiss = toasts.show({
      text: `Deleted “${name}”.`,
      stays: true,
      actions: [{ label: 'Undo', onClick: undo }],
      onGone: () => {
        this.#notices.delete(id);
        void this.#delete(id);
      },
    });
    this.#notices.set(id, dismiss);
  }

  /** Ends what can still be taken back: it is done. */
  close(): void {
    globalThis.removeEventListener?.('pagehide', this.#leave);
    this.#leave();
    const dismissals = [...this.#notices.values()];
    for (const dismiss of dismissals) dismiss();
  }

  /** The page goes away, or its user: what was deleted is deleted, as far as the browser still sends it. */
  readonly #leave = (): void => {
    const { connection } = this.#options;
    for (const { id, version } of this.#removals.takeAll()) {
      connection
        .send('DELETE', `/tasks/${id}`, { 'if-match': `"${version}"` }, undefined, { keepalive: true })
        // Nobody is there who could be told.
        .catch(() => undefined)
        .finally(() => this.#removals.show(id));
    }
  };

  async #delete(id: number): Promise<void> {
    const seen = this.#removals.take(id);
    if (seen === undefined) return;
    const words: ConflictWords = { seen, keepMine: 'Delete anyway', takeTheirs: () => 'Keep it' };
    await this.#settle(this.#options.store.remove(id, { seen }), words);
    this.#removals.show(id);
  }

  /** Waits for a write, and tells what its user has to know; undefined where it failed. */
  async #settle(
    write: Promise<TaskWriteOutcome>,
    words: ConflictWords,
  ): Promise<TaskWriteOutcome | undefined> {
    const { toasts, user } = this.#options;
    try {
      const outcome = await write;
      if (outcome.kind === 'gone' && words.gone) toasts.show({ text: words.gone, isProblem: true });
      if (outcome.kind === 'conflict') {
        const { current, keepMine } = outcome;
        const who = writerOf(current, user);
        const keep = (): void => void this.#settle(keepMine(), { ...words, seen: current });
        toasts.show({
          text: `${who} changed “${current.name}” meanwhile: ${describeChanges(words.seen, current)}.`,
          isProblem: true,
          actions: [
            { label: words.keepMine, onClick: keep },
            { label: words.takeTheirs(current.updated_by ?? 'theirs'), onClick: () => undefined },
          ],
        });
      }
      return outcome;
    } catch (error) {
      toasts.show({ text: (error as Error).message, isProblem: true });
      return undefined;
    }
  }
}

function mineOrTheirs(seen: Task): ConflictWords {
  return {
    seen,
    keepMine: 'Keep mine',
    takeTheirs: (who) => `Take ${who === 'theirs' ? who : `${who}’s`}`,
    gone: `“${seen.name}” is not there any more: it was deleted, or is hidden from you.`,
  };
}
