import type { Task, TaskStatus } from '../../client/index.ts';

/** The columns in their order. */
export const columnTitles: Readonly<Record<TaskStatus, string>> = {
  inbox: 'Inbox',
  up_next: 'Up next',
  in_progress: 'In progress',
  in_review: 'In review',
  done: 'Done',
  archived: 'Archived',
};

export const columns = Object.keys(columnTitles) as readonly TaskStatus[];

type Place = Pick<Task, 'status' | 'archived'>;

/** The one column of a task: what is archived, by its status or by its flag, is in no other. */
export function columnOf({ status, archived }: Place): TaskStatus {
  return archived ? 'archived' : status;
}

/** What to set in a task so that its column is another; status and flag say the same afterwards. */
export function fieldsToMove(task: Place, column: TaskStatus): Partial<Place> {
  const archived = column === 'archived';
  return { status: column, ...(archived !== task.archived && { archived }) };
}
