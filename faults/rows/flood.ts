import type { Injection } from '../matrix/row.ts';

/** Raw writes under way at a time. */
const lanes = 16;

/** Together more than all buffers between a function and a client that does not read; each small enough for an event. */
const pastBuffers = { tasks: 192, characters: 50_000 } as const;

/** How long a flood may take to those that read, milliseconds. */
const floodMs = 60_000;

/**
 * Creates so many tasks that only one user and the admins see, past the API, each with a description of so many
 * characters.
 * @returns their ids.
 */
export async function flood(
  { boards }: Injection,
  owner: string,
  tasks: number,
  characters: number,
): Promise<readonly number[]> {
  const { writer } = boards[0]!;
  const ids: number[] = [];
  let left = tasks;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const description = 'All work and no play. '.repeat(characters / 22 + 1).slice(0, characters);
      const more = { description, created_by: owner, assignees: [], visibility: 'private' } as const;
      const task = writer.draft(writer.newRawId(), more);
      await writer.putRaw({ ...task }, task);
      ids.push(task.id);
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));
  return ids;
}

/** Floods one user, and waits until the admins have heard all of it: it has come to where the user's clients are. */
export async function floodPastBuffers(injection: Injection, owner: string): Promise<void> {
  const ids = await flood(injection, owner, pastBuffers.tasks, pastBuffers.characters);
  const admins = injection.boards[0]!.replicas.filter(({ user }) => user.admin);
  const heard = await Promise.all(
    admins.map((replica) => replica.until(() => ids.every((id) => replica.tasks.has(id)), floodMs)),
  );
  if (heard.includes(false)) injection.failures.push('a flood did not arrive at those that read');
}
