import type { Task } from '../../protocol/task.ts';
import { taskFields } from './fields.ts';

/**
 * Reads a task from a table item that anyone may have written: the API, a script or the console.
 * Absent fields get their defaults and unknown ones are left out; a field of a wrong type makes the whole item
 * unreadable (undefined), because a guess about `visibility` or `assignees` could show it to the wrong user. An item of
 * the status `archived` is archived, whatever the flag says.
 */
export function readTask(item: Readonly<Record<string, unknown>>): Task | undefined {
  const task: Record<string, unknown> = {};
  for (const [field, { read, absent }] of Object.entries(taskFields)) {
    const value = item[field] === undefined ? absent : read(item[field]);
    if (value === undefined) return undefined;
    task[field] = value;
  }
  // Whoever wrote the status meant the flag as well.
  if (task['status'] === 'archived') task['archived'] = true;
  return task as unknown as Task;
}
