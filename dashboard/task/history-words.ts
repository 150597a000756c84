import type { Task, TaskEvent } from '../../client/index.ts';
import { changedFields } from '../../client/store/index.ts';
import { columnOf, columnTitles } from '../board/columns.ts';

/**
 * Says what a change of a task was, such as `bob moved it from Inbox to Done`.
 * @param before the task as it was before, where that is known.
 */
export function describeChange(event: TaskEvent, before: Task | undefined): string {
  if (event.type === 'task.deleted') return 'It was deleted, or hidden from you.';
  const { task } = event;
  const who = task.updated_by ?? 'Somebody';
  if (event.type === 'task.created')
    return `${task.created_by ?? 'Somebody'} made it, in ${columnTitles[columnOf(task)]}.`;
  const done = before === undefined ? doneAtLeast(event) : phrases(before, task);
  return `${who} ${done.length === 0 ? 'saved it' : joined(done)}.`;
}

/** What an event says of itself, where nobody knows what was before. */
function doneAtLeast(
  event: Exclude<TaskEvent, { readonly type: 'task.deleted' | 'task.created' }>,
): string[] {
  if (event.type === 'task.updated') return ['changed it'];
  return [`moved it from ${columnTitles[event.previousStatus]} to ${columnTitles[columnOf(event.task)]}`];
}

function phrases(before: Task, after: Task): string[] {
  const changed = new Set(changedFields(before, after));
  const [from, to] = [columnOf(before), columnOf(after)];
  const said = [
    changed.has('name') && `renamed it from “${before.name}” to “${after.name}”`,
    from !== to && `moved it from ${columnTitles[from]} to ${columnTitles[to]}`,
    changed.has('description') && describeText(before.description, after.description),
    changed.has('priority') && `changed its priority from ${before.priority} to ${after.priority}`,
    changed.has('blocked') &&
      (after.blocked ? 'said that it is blocked' : 'said that it is not blocked any more'),
    changed.has('assigned_to_agent') &&
      (after.assigned_to_agent ? 'gave it to an agent' : 'took it from the agent'),
    changed.has('visibility') &&
      (after.visibility === 'private' ? 'made it private' : 'let everybody see it'),
    ...assigned(before, after),
  ];
  return said.filter((phrase) => phrase !== false);
}

function describeText(before: string | null, after: string | null): string {
  if (!before) return 'described it';
  return after ? 'changed its description' : 'removed its description';
}

function assigned(before: Task, after: Task): string[] {
  const added = after.assignees.filter((user) => !before.assignees.includes(user));
  const removed = before.assignees.filter((user) => !after.assignees.includes(user));
  return [
    ...(added.length > 0 ? [`assigned ${added.join(', ')}`] : []),
    ...(removed.length > 0 ? [`took it from ${removed.join(', ')}`] : []),
  ];
}

function joined(parts: readonly string[]): string {
  return new Intl.ListFormat('en').format(parts);
}
