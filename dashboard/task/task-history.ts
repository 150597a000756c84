import type { Connection, TaskEvent } from '../../client/index.ts';
import { RequestRefused } from '../../client/index.ts';

/** How many changes are asked for at once. */
const pageSize = 20;
/** A page of the log may have nothing of the task, and others after it. */
const mostEmptyPages = 10;

/** A page of `GET /events`. */
interface HistoryPage {
  readonly events: readonly TaskEvent[];
  readonly nextCursor?: string;
  /** False where something happened that could not be told as events. */
  readonly complete: boolean;
}

/** What is known of the past of a task. */
export interface HistorySnapshot {
  /** The newest first. */
  readonly events: readonly TaskEvent[];
  readonly isLoading: boolean;
  /** Why the last page could not be loaded, for people. */
  readonly error: string | undefined;
  /** Whether there may be older ones that can be had. */
  readonly hasMore: boolean;
  /** Whether changes are missing among those that are there. */
  readonly hasGaps: boolean;
}

const nothing: HistorySnapshot = {
  events: [],
  isLoading: false,
  error: undefined,
  hasMore: true,
  hasGaps: false,
};

/** The changes of one task: as far back as they were asked for, and each new one. All functions may be handed on alone. */
export class TaskHistory {
  readonly #connection: Pick<Connection, 'send' | 'on'>;
  readonly #id: number;
  readonly #listeners = new Set<() => void>();
  readonly #ends: readonly (() => void)[];
  #snapshot = nothing;
  #cursor: string | undefined;
  /** Which load counts: one that began before the state was lost does not. */
  #round = 0;

  constructor(connection: Pick<Connection, 'send' | 'on'>, id: number) {
    this.#connection = connection;
    this.#id = id;
    this.#ends = [
      connection.on('task', (event) => {
        if (event.taskId === id) this.#become({ events: merged([event], this.#snapshot.events) });
      }),
      // What happened meanwhile is told by nobody.
      connection.on('reload', this.#begin),
    ];
    this.#begin();
  }

  readonly getSnapshot = (): HistorySnapshot => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Loads what was before, or tries again what has failed. */
  readonly loadMore = (): void => void this.#load();

  readonly close = (): void => {
    this.#round += 1;
    for (const end of this.#ends) end();
    this.#listeners.clear();
  };

  readonly #begin = (): void => {
    this.#round += 1;
    this.#cursor = undefined;
    this.#snapshot = nothing;
    void this.#load();
  };

  async #load(): Promise<void> {
    if (this.#snapshot.isLoading) return;
    const round = this.#round;
    this.#become({ isLoading: true, error: undefined });
    try {
      for (let pages = 1; ; pages += 1) {
        const { events, nextCursor, complete } = await this.#page();
        if (round !== this.#round) return;
        if (!complete) this.#become({ hasGaps: true });
        this.#cursor = nextCursor;
        const hasMore = nextCursor !== undefined;
        if (hasMore && events.length === 0 && pages < mostEmptyPages) continue;
        return this.#become({ events: merged(this.#snapshot.events, events), hasMore, isLoading: false });
      }
    } catch (error) {
      if (round !== this.#round) return;
      // It was given for other rights than the user has now: the next try begins anew.
      if (error instanceof RequestRefused && error.code === 'invalid_cursor') this.#cursor = undefined;
      this.#become({ isLoading: false, error: (error as Error).message });
    }
  }

  async #page(): Promise<HistoryPage> {
    const query = new URLSearchParams({ tasks: `${this.#id}`, order: 'newest', limit: `${pageSize}` });
    if (this.#cursor !== undefined) query.set('cursor', this.#cursor);
    return (await this.#connection.send('GET', `/events?${query.toString()}`)) as HistoryPage;
  }

  #become(changes: Partial<HistorySnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...changes };
    for (const listener of this.#listeners) listener();
  }
}

/** Which event of a write says most about it: one that changes the column is told as more than one. */
const telling: readonly TaskEvent['type'][] = [
  'task.updated',
  'task.status_changed',
  'task.created',
  'task.deleted',
];

/** The writes in one list, each once: some of those that were told live are in a page too. */
function merged(one: readonly TaskEvent[], other: readonly TaskEvent[]): readonly TaskEvent[] {
  const byKey = new Map<string, TaskEvent>();
  for (const event of [...one, ...other]) {
    const known = byKey.get(keyOf(event));
    if (known === undefined || telling.indexOf(event.type) > telling.indexOf(known.type))
      byKey.set(keyOf(event), event);
  }
  return [...byKey.values()].toSorted(
    (first, second) => compare(second.timestamp, first.timestamp) || versionOf(second) - versionOf(first),
  );
}

/** What a write is told apart by. */
export function keyOf(event: TaskEvent): string {
  return `${event.timestamp} ${versionOf(event)}`;
}

function versionOf(event: TaskEvent): number {
  return event.type === 'task.deleted' ? Infinity : event.task.version;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
