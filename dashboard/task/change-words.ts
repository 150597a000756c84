import type { Task } from '../../client/index.ts';
import { changedFields } from '../../client/store/index.ts';
import { columnTitles, columnOf } from '../board/columns.ts';

/** Fields for whose changes there are words. */
const worded: ReadonlySet<keyof Task> = new Set(['name', 'status', 'archived', 'visibility']);

/** Says, for the user, what has become of a task: `it is now named “Milk”, and it is now in Done`. */
export function describeChanges(before: Task, after: Task): string {
  const changed = changedFields(before, after);
  const said: string[] = [];
  if (changed.includes('name')) said.push(`it is now named “${after.name}”`);
  if (columnOf(before) !== columnOf(after)) said.push(`it is now in ${columnTitles[columnOf(after)]}`);
  if (changed.includes('visibility'))
    said.push(after.visibility === 'private' ? 'it is now private' : 'everybody sees it now');
  const others = changed.filter((field) => !worded.has(field)).map((field) => field.replaceAll('_', ' '));
  if (others.length > 0) said.push(`its ${others.join(', ')} changed`);
  return said.length === 0 ? 'it was written again' : said.join(', and ');
}

/** Who wrote a task last, to begin a sentence with. @param user who reads it. */
export function writerOf({ updated_by: writer }: Task, user: string): string {
  if (writer === user) return 'You, elsewhere,';
  return writer ?? 'Somebody';
}
