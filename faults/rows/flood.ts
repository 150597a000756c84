import type { Injection } from '../row.ts';

/** Raw writes under way at a time. */
const lanes = 16;

/** Creates so many tasks that only one user sees, past the API, each with a description of so many characters. */
export async function flood(
  { boards }: Injection,
  owner: string,
  tasks: number,
  characters: number,
): Promise<void> {
  const { writer } = boards[0]!;
  let left = tasks;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const description = 'All work and no play. '.repeat(characters / 22 + 1).slice(0, characters);
      const more = { description, created_by: owner, assignees: [], visibility: 'private' } as const;
      const task = writer.draft(writer.newRawId(), more);
      await writer.putRaw({ ...task }, task);
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));
}
