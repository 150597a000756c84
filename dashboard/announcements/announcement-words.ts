import type { Task, TaskEvent } from '../../client/index.ts';
import { columnOf, columnTitles } from '../board/columns.ts';
import { describeChanges } from '../task/change-words.ts';

/** More changes than that are counted, not told. */
const most = 3;

/**
 * Says what an event tells; undefined where there is nothing to say.
 * @param before the task as the board has it, where it has it.
 */
export function describeEvent(event: TaskEvent, before: Task | undefined): string | undefined {
  if (event.type === 'task.deleted') return `“${before?.name ?? `#${event.taskId}`}” is gone.`;
  const { task } = event;
  const who = task.updated_by ?? 'Somebody';
  if (event.type === 'task.created')
    return before === undefined
      ? `${who} added “${task.name}” to ${columnTitles[columnOf(task)]}.`
      : undefined;
  if (before === undefined || before.version >= task.version) return undefined;
  if (columnOf(before) !== columnOf(task) && before.name === task.name)
    return `${who} moved “${task.name}” to ${columnTitles[columnOf(task)]}.`;
  return `${who} changed “${before.name}”: ${describeChanges(before, task)}.`;
}

/** Says several changes at once, or how many there were. */
export function summarize(changes: readonly { readonly text: string; readonly by: string | null }[]): string {
  if (changes.length <= most) return changes.map(({ text }) => text).join(' ');
  const people = new Set(changes.flatMap(({ by }) => by ?? []));
  const [first] = people;
  const who = people.size === 1 ? `${first} changed` : 'Others changed';
  return `${who} ${changes.length} tasks.`;
}
