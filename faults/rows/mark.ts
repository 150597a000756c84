import type { Replica } from '../board/replica.ts';
import type { Injection } from '../matrix/row.ts';

/** How long an event may take. Milliseconds. */
const patienceMs = 20_000;

/**
 * Writes a task that all see on each board, and waits until clients, all of them when none are named, have heard of it:
 * all that was logged before has passed them.
 */
export async function passMark(
  { boards, failures }: Injection,
  name: string,
  clients: readonly Replica[] = boards.flatMap(({ replicas }) => replicas),
): Promise<void> {
  for (const { writer, replicas } of boards) {
    const id = await writer.createVisible(name);
    const isPast = ({ heard }: Replica): boolean =>
      heard.some((one) => one.kind === 'event' && one.taskId === id);
    const waiting = replicas.filter((replica) => clients.includes(replica));
    const passed = await Promise.all(
      waiting.map((replica) => replica.until(() => isPast(replica), patienceMs)),
    );
    if (passed.includes(false)) failures.push(`a client never heard of the task "${name}"`);
  }
}
