import type { Task } from '../../protocol/task.ts';

/** How the names of the canary's tasks begin, and no others that it has written. */
const namePrefix = 'Taskwire canary ';

/** Older than the task of a canary that runs can be: its function is ended after 90 s. Milliseconds. */
const leftOverAfterMs = 120_000;

/** What a new task is made of. */
export type NewTask = Pick<Task, 'name' | 'description' | 'visibility' | 'assigned_to_agent'>;

/** Which tasks of its workspace the canary looks at when it looks for what was left behind: its own are among them. */
export const probeFilter = { assigned_to_agent: 'true' } as const;

/**
 * The task of one run, known by its name alone until it has an id. It is private: should the canary be given a workspace
 * with other people in it, they see nothing of it.
 * @param id names the run, and no other one.
 */
export function probeTask(id: string): NewTask {
  return {
    name: `${namePrefix}${id}`,
    description: 'Written by the canary, which deletes it again.',
    visibility: 'private',
    assigned_to_agent: true,
  };
}

/**
 * Whether a task was left behind by an earlier run of the canary: its name, its creator and its age say so. Everything
 * else is somebody's.
 * @param user the canary's own.
 * @param now epoch milliseconds.
 */
export function isLeftOver(
  { name, created_by: creator, created_at: createdAt }: Pick<Task, 'name' | 'created_by' | 'created_at'>,
  user: string,
  now: number,
): boolean {
  if (!name.startsWith(namePrefix) || creator !== user || createdAt === null) return false;
  return Date.parse(createdAt) < now - leftOverAfterMs;
}
