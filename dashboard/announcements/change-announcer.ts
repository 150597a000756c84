import type { Connection, Task, TaskEvent } from '../../client/index.ts';
import type { TaskStore } from '../../client/store/index.ts';
import { describeEvent, summarize } from './announcement-words.ts';

/** Changes that come so close together are told in one sentence, milliseconds. */
export const gatherMs = 1000;

export interface ChangeAnnouncerOptions {
  readonly connection: Pick<Connection, 'on'>;
  readonly store: Pick<TaskStore, 'getSnapshot' | 'subscribe'>;
  /** Whose own changes are not told: whoever makes them knows. */
  readonly user: string;
  readonly say: (text: string) => void;
}

/** Tells in words what others change on the board, for those who do not see it. */
export class ChangeAnnouncer {
  readonly #options: ChangeAnnouncerOptions;
  readonly #ends: readonly (() => void)[];
  /** What was on the board, by id, as of the last turn. */
  #tasks: ReadonlyMap<number, Task> = new Map();
  /** What is to be said, by task: only the last of each. */
  readonly #changes = new Map<number, { readonly text: string; readonly by: string | null }>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ChangeAnnouncerOptions) {
    this.#options = options;
    const { connection, store } = options;
    this.#ends = [
      connection.on('task', (event) => this.#take(event)),
      store.subscribe(() => this.#remember()),
    ];
    this.#remember();
  }

  close(): void {
    for (const end of this.#ends) end();
    clearTimeout(this.#timer);
  }

  #remember(): void {
    this.#tasks = new Map(this.#options.store.getSnapshot().tasks.map((task) => [task.id, task]));
  }

  #take(event: TaskEvent): void {
    const by = event.type === 'task.deleted' ? null : event.task.updated_by;
    const before = this.#tasks.get(event.taskId);
    // Nobody says who has deleted a task; what this page's user deletes is gone from the board before the event comes.
    if (event.type === 'task.deleted' ? before === undefined : by === this.#options.user) return;
    const text = describeEvent(event, before);
    if (text === undefined) return;
    this.#changes.set(event.taskId, { text, by });
    this.#timer ??= setTimeout(() => this.#tell(), gatherMs);
  }

  #tell(): void {
    this.#timer = undefined;
    this.#options.say(summarize([...this.#changes.values()]));
    this.#changes.clear();
  }
}
