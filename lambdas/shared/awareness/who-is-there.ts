import type { PresenceFound } from '../../../core/awareness/awareness.ts';
import { presenceOf } from '../../../core/awareness/presence.ts';
import type { SeenTask } from '../../../core/awareness/seen-task.ts';
import type { CurrentTasks } from '../../../core/subscription/past.ts';
import { mostAtOnce } from '../../../core/subscription/past.ts';
import type { PresenceStore } from '../dynamodb/presence-store.ts';

/**
 * Who may see some tasks now. Those that are gone, or could not be read this time, are not in it: nobody is told of them.
 * @throws what the table throws.
 */
export async function seenTasks(
  workspace: string,
  ids: readonly number[],
  current: CurrentTasks,
): Promise<{ readonly tasks: readonly SeenTask[]; readonly units: number }> {
  const tasks: SeenTask[] = [];
  let units = 0;
  for (let from = 0; from < ids.length; from += mostAtOnce) {
    const found = await current.lookUp(workspace, ids.slice(from, from + mostAtOnce));
    units += found.units;
    for (const [id, { visibility, created_by, assignees }] of found.tasks) {
      // Those of a task that all may see are no matter, and may be 50: every stream would read them with what is said of it.
      const counting = visibility === 'workspace' ? [] : assignees;
      tasks.push({ id, facts: { visibility, created_by, assignees: counting } });
    }
  }
  return { tasks, units };
}

/** What reading who is there needs. */
export interface WhoIsTherePorts {
  readonly presence: Pick<PresenceStore, 'list'>;
  readonly tasks: CurrentTasks;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Of how many tasks it is asked at the most who may see them, so that who is there costs no more than a page of anything. */
const mostTasks = 200;

/**
 * Reads who is there, and who may see the tasks that they have open, those first that most are at.
 * @throws what the tables throw.
 */
export async function whoIsThere(
  workspace: string,
  { presence, tasks: current, now }: WhoIsTherePorts,
): Promise<PresenceFound & { readonly units: number }> {
  const at = now();
  const { records, units } = await presence.list(workspace);
  const viewersOf = new Map<number, number>();
  for (const id of records.flatMap((record) => presenceOf(record)?.tasks ?? [])) {
    viewersOf.set(id, (viewersOf.get(id) ?? 0) + 1);
  }
  const ids = [...viewersOf.keys()].toSorted((a, b) => viewersOf.get(b)! - viewersOf.get(a)! || a - b);
  const found = await seenTasks(workspace, ids.slice(0, mostTasks), current);
  return { records, tasks: found.tasks, units: units + found.units, at };
}
