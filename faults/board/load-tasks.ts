import { paths } from '../../protocol/routes.ts';
import { setTimeout as wait } from 'node:timers/promises';
import type { Task } from '../../protocol/task.ts';
import { callApi } from '../writes/api.ts';

/** What the client waits before it asks again for a page that it did not get. Milliseconds. */
const againMs = 100;

/**
 * The whole state, page by page; a page that fails is asked for again as long as it is wanted.
 * @param filter parameters that say which tasks are wanted, each with `&` before it.
 * @param refused gets the answers that no client may ever get, in words.
 */
export async function loadTasks(
  origin: string,
  token: string,
  filter: string,
  isWanted: () => boolean,
  refused: string[],
): Promise<Map<number, Task>> {
  const tasks = new Map<number, Task>();
  let query = `?limit=1000${filter}`;
  while (isWanted()) {
    const answer = await callApi(origin, token, 'GET', `${paths.tasks}${query}`).catch(() => undefined);
    if (answer?.status !== 200) {
      if (answer !== undefined && isScandal(answer.status))
        refused.push(`GET /tasks was answered ${answer.status} ${answer.body.code}`);
      await wait(againMs);
      continue;
    }
    const { tasks: page = [], nextCursor } = answer.body;
    for (const task of page) tasks.set(task.id, task);
    if (nextCursor === undefined) break;
    query = `?cursor=${nextCursor}${filter}`;
  }
  return tasks;
}

/** A failure of the server's own: what will pass is answered 429 or 503. */
function isScandal(status: number): boolean {
  return status >= 500 && status !== 503;
}
