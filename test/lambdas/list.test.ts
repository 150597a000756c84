import type { Task } from '../../core/task/task.ts';
import { listTasks, readListQuery } from '../../lambdas/tasks/list.ts';
import { sampleTask } from '../core/task-samples.ts';

const principal = { workspace: 'acme', user: 'alice', admin: false };

/** A table in which a script has left thousands of items between tasks. */
function storeOf(ids: readonly number[]): {
  page: (
    workspace: string,
    after: number,
    limit: number,
  ) => Promise<{ tasks: Task[]; next: number | undefined }>;
} {
  return {
    page: async (_, after, limit) => {
      const found = ids.filter((id) => id > after).slice(0, limit);
      const tasks = found.filter(Number.isInteger).map((id) => sampleTask({ id }));
      return { tasks, next: found.length === limit ? found.at(-1) : undefined };
    },
  };
}

describe('listing tasks', () => {
  it('goes on past thousands of items that are no tasks, with cursors that it takes back', async () => {
    const odd = Array.from({ length: 6000 }, (_, index) => 1 + (index + 1) / 7000);
    const store = storeOf([...odd, 2, ...odd.map((id) => id + 2), 5]);
    const log = { readHead: async () => undefined };
    const found: number[] = [];
    let pages = 0;
    for (let cursor: string | undefined; pages < 10;) {
      const list = await listTasks(store, log, principal, readListQuery({ ...(cursor && { cursor }) }));
      pages += 1;
      found.push(...list.tasks.map(({ id }) => id));
      cursor = list.nextCursor;
      if (cursor === undefined) break;
    }
    expect(found).toEqual([2, 5]);
  });
});
