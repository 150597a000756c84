import type { TaskEventType } from '../../protocol/events.ts';
import { PageSize } from '../log/page-size.ts';
import type { Principal } from './principal.ts';
import type { VisibilityFacts } from './visibility.ts';
import { canSee } from './visibility.ts';

/**
 * Whether an event that would have been told live may be told afterwards. What is told of the past is never more than its
 * reader might have had live and may still see now: an event that carries a task is told to whoever sees the task still.
 * @param now the task as it is now; undefined where there is none any more.
 */
export function isToldOfThePast(
  type: TaskEventType,
  principal: Principal,
  now: VisibilityFacts | undefined,
): boolean {
  return !carriesTask(type) || (now !== undefined && canSee(principal, now));
}

/** Whether events of a type carry a task. */
export function carriesTask(type: TaskEventType): boolean {
  return type !== 'task.deleted';
}

/** What reading the past needs of the tasks table. */
export interface CurrentTasks {
  /**
   * Looks up tasks as they are now, consistently. Those that could not be read this time are in neither list.
   * @param ids at most `mostAtOnce`.
   */
  lookUp(workspace: string, ids: readonly number[]): Promise<TasksFound>;
}

export interface TasksFound {
  readonly tasks: ReadonlyMap<number, VisibilityFacts>;
  /** Those that there are no more, or that cannot be read as tasks. */
  readonly missing: readonly number[];
  /** Read units. */
  readonly units: number;
}

/** How many tasks are looked up first, and at the most. Source of the latter: "BatchGetItem", DynamoDB API reference. */
const firstAtOnce = 4;
export const mostAtOnce = 100;

/** What one reader may be told of the past. It looks tasks up a few at a time, and remembers them. */
export class Past {
  readonly #tasks: CurrentTasks;
  readonly #principal: Principal;
  readonly #page = new PageSize(firstAtOnce, mostAtOnce);
  readonly #known = new Map<number, VisibilityFacts | undefined>();

  constructor(tasks: CurrentTasks, principal: Principal) {
    this.#tasks = tasks;
    this.#principal = principal;
  }

  /** As `isToldOfThePast`; undefined as long as the task has to be looked up for it. */
  tells(type: TaskEventType, task: number): boolean | undefined {
    if (carriesTask(type) && !this.#known.has(task)) return undefined;
    return isToldOfThePast(type, this.#principal, this.#known.get(task));
  }

  /**
   * Looks up the next few tasks.
   * @param ids of the tasks that are told of, in their order; those that are known cost nothing.
   * @returns what it cost, read units.
   * @throws what the table throws.
   */
  async learn(ids: Iterable<number>): Promise<number> {
    const next = new Set<number>();
    for (const id of ids) {
      if (this.#known.has(id)) continue;
      next.add(id);
      if (next.size === this.#page.items) break;
    }
    if (next.size === 0) return 0;
    const { tasks, missing, units } = await this.#tasks.lookUp(this.#principal.workspace, [...next]);
    for (const [id, task] of tasks) this.#known.set(id, task);
    for (const id of missing) this.#known.set(id, undefined);
    this.#page.learn(units);
    return units;
  }
}
