import type { TaskEvent } from '../../protocol/events.ts';
import type { Task } from '../../protocol/task.ts';
import type { Connection } from '../connection/connection.ts';
import { TaskApi } from '../http/task-api.ts';
import type { TaskFields } from '../http/task-api.ts';
import { TurnListeners } from '../shared/turn-listeners.ts';
import type { TaskWriteOutcome } from './pending-write.ts';
import type { WaitForAttempt } from './repeated-sending.ts';
import { refusalOf } from './repeated-sending.ts';
import { StateLoader } from './state-loader.ts';
import { isSame } from './task-changes.ts';
import type { TaskFilter } from './task-filter.ts';
import { isWanted } from './task-filter.ts';
import type { TaskView } from './task-replica.ts';
import { TaskReplica } from './task-replica.ts';
import type { CreateOptions, TaskStore, TaskStoreSnapshot, WriteOptions } from './task-store-types.ts';
import { WriteQueues } from './write-queues.ts';

/** How long the event of a task that was created may take before the task is looked up. */
const echoMs = 10_000;

export interface BoardStateOptions {
  readonly connection: Pick<Connection, 'status' | 'cursor' | 'on' | 'send'>;
  readonly filter: TaskFilter;
  readonly closing: AbortController;
  /** How many tasks are asked for first: few, so that something is shown soon. */
  readonly firstPage?: number;
  readonly wait: WaitForAttempt;
}

/** What a task store is made of: the server's state, the writes that are under way, and what is shown of both. */
export class BoardState implements TaskStore {
  readonly #options: BoardStateOptions;
  readonly #api: TaskApi;
  readonly #replica: TaskReplica;
  readonly #queues: WriteQueues;
  readonly #loader: StateLoader;
  readonly #listeners = new TurnListeners();
  readonly #ends: readonly (() => void)[];
  /** What is shown. */
  readonly #shown = new Map<number, Task>();
  readonly #pendingIds = new Set<number>();
  /** Ids of tasks that were created here, by the temporary id that each had, and the other way. */
  readonly #ids = new Map<number, number>();
  readonly #temporaryIds = new Map<number, number>();
  /** Creations by the key of the caller. */
  readonly #creations = new Map<string, Promise<TaskWriteOutcome>>();
  #lastTemporaryId = 0;
  #status: TaskStoreSnapshot['status'] = 'loading';
  #error: Error | undefined;
  /** What the snapshot is made of, until it changes. */
  #tasks: readonly Task[] | undefined;
  #pending: ReadonlySet<number> | undefined;
  #snapshot: TaskStoreSnapshot | undefined;

  constructor(options: BoardStateOptions) {
    this.#options = options;
    const { connection, filter, closing, wait } = options;
    this.#api = new TaskApi(connection);
    const view: TaskView = {
      reset: (tasks) => this.#showAll(tasks),
      put: ({ id }) => this.#show(id),
      remove: (id) => this.#show(id),
    };
    this.#replica = new TaskReplica(view);
    this.#queues = new WriteQueues({
      connection,
      replica: this.#replica,
      wait,
      onChange: (id) => this.#show(id),
      onCreated: (temporaryId, task) => this.#created(temporaryId, task),
    });
    this.#loader = new StateLoader({
      list: (onPage) => this.#api.list(filter, onPage, options.firstPage),
      cursor: () => connection.cursor,
      replica: this.#replica,
      onFailure: (error, isFinal) => this.#become(isFinal ? 'failed' : this.#status, error),
      onLoaded: () => this.#become('ready'),
      signal: closing.signal,
      wait,
    });
    this.#ends = [
      connection.on('task', (event) => this.#take(event)),
      connection.on('reload', this.reload),
      connection.on('status', ({ state }) => {
        if (state === 'live' && this.#status === 'failed') this.reload();
      }),
    ];
    // The events that are told from here on are kept for the load: so there is no gap, wherever the stream is.
    if (connection.status.state === 'live' || connection.cursor !== '') this.reload();
    else if (connection.status.state === 'connecting') this.#loader.begin();
  }

  readonly getSnapshot = (): TaskStoreSnapshot => {
    this.#tasks ??= [...this.#shown.values()].toSorted((one, other) => rank(one.id) - rank(other.id));
    this.#pending ??= new Set(this.#pendingIds);
    this.#snapshot ??= {
      status: this.#status,
      error: this.#error,
      tasks: this.#tasks,
      pending: this.#pending,
    };
    return this.#snapshot;
  };

  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(undefined, listener);

  readonly getTask = (id: number): Task | undefined => this.#shown.get(this.#idOf(id));

  readonly subscribeTask = (id: number, listener: () => void): (() => void) =>
    this.#listeners.add(id, listener);

  readonly isPending = (id: number): boolean => this.#pendingIds.has(this.#idOf(id));

  readonly keyOf = (id: number): number => this.#temporaryIds.get(id) ?? id;

  readonly create = (fields: TaskFields, { key }: CreateOptions = {}): Promise<TaskWriteOutcome> => {
    const begun = key === undefined ? undefined : this.#creations.get(key);
    if (begun !== undefined) return begun;
    this.#lastTemporaryId -= 1;
    const creation = this.#queues.add(this.#lastTemporaryId, { kind: 'create', fields, key });
    if (key !== undefined) {
      this.#creations.set(key, creation);
      creation.catch(() => this.#creations.delete(key));
    }
    return creation;
  };

  readonly update = (
    id: number,
    fields: TaskFields,
    { seen }: WriteOptions = {},
  ): Promise<TaskWriteOutcome> => this.#queues.add(this.#idOf(id), { kind: 'update', fields, seen });

  readonly remove = (id: number, { seen }: WriteOptions = {}): Promise<TaskWriteOutcome> =>
    this.#queues.add(this.#idOf(id), { kind: 'remove', fields: {}, seen });

  readonly reload = (): void => {
    if (this.#status === 'failed') this.#become('loading');
    void this.#loader.load();
  };

  readonly close = (): void => {
    for (const end of this.#ends) end();
    this.#options.closing.abort();
    this.#listeners.close();
  };

  #idOf(id: number): number {
    return this.#ids.get(id) ?? id;
  }

  #take(event: TaskEvent): void {
    this.#queues.confirm(event);
    this.#replica.apply(event);
  }

  #become(status: TaskStoreSnapshot['status'], error?: Error): void {
    if (status === this.#status && error === this.#error) return;
    this.#status = status;
    this.#error = error;
    this.#snapshot = undefined;
    this.#listeners.changed();
  }

  #showAll(tasks: readonly Task[]): void {
    this.#queues.recognize(tasks.filter(({ id }) => !this.#shown.has(id)));
    for (const id of new Set([...this.#shown.keys(), ...tasks.map((task) => task.id)])) this.#show(id);
  }

  /** Shows of a task what there is to show now, and tells whoever listens where that is something else. */
  #show(id: number): void {
    const overlaid = this.#queues.isRecognized(id) ? undefined : this.#queues.overlaid(id);
    const task = overlaid && isWanted(this.#options.filter, overlaid) ? overlaid : undefined;
    const isPending = this.#queues.has(id);
    const isNewTask = !isSame(task, this.#shown.get(id));
    const isNewPending = isPending !== this.#pendingIds.has(id);
    if (!isNewTask && !isNewPending) return;
    if (isNewTask) {
      if (task === undefined) this.#shown.delete(id);
      else this.#shown.set(id, task);
      this.#tasks = undefined;
    }
    if (isNewPending) {
      if (isPending) this.#pendingIds.add(id);
      else this.#pendingIds.delete(id);
      this.#pending = undefined;
    }
    this.#snapshot = undefined;
    this.#listeners.changed(id);
    this.#listeners.changed(this.keyOf(id));
  }

  #created(temporaryId: number, task: Task): void {
    this.#ids.set(temporaryId, task.id);
    this.#temporaryIds.set(task.id, temporaryId);
    if (isWanted(this.#options.filter, task)) this.#lookUp(task.id).catch(() => undefined);
  }

  /** Looks whether a task is there whose event does not come: its key may be that of one which was deleted long ago. */
  async #lookUp(id: number): Promise<void> {
    for (let afterMs = echoMs; ; afterMs *= 2) {
      await this.#options.wait(1, afterMs);
      if (!this.#replica.isNew(id)) return;
      try {
        const task = await this.#api.get(id);
        this.#replica.takeAnswer(id, task);
        if (!isWanted(this.#options.filter, task)) return this.#show(id);
      } catch (error) {
        if (refusalOf(error)?.status === 404) this.#replica.takeAnswer(id, undefined);
      }
      this.#show(id);
    }
  }
}

/** Tasks that the server has not created yet come last. */
function rank(id: number): number {
  return id < 0 ? 2 ** 52 - id : id;
}
