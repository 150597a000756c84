import fc from 'fast-check';
import type { Task } from '../../protocol/task.ts';
import { canSee } from '../../core/subscription/visibility.ts';
import type { TaskPage } from '../../lambdas/shared/dynamodb/task-store.ts';
import { listTasks, pageUnits, readListQuery } from '../../lambdas/tasks/list.ts';
import { MemoryLog } from '../core/memory-log.ts';
import { sampleTask } from '../core/task-samples.ts';

const principal = { workspace: 'acme', user: 'alice', admin: false };

/** What one query costs at the most, units: it ends at 1 MB, maybe with the item that passes it, of up to 400 KB. */
const queryUnits = 256 + 100;

/** An item of the tasks table: a task of a size, or what is no task. */
interface Item {
  readonly id: number;
  readonly bytes: number;
  readonly task?: Task;
}

/** A table that reads as DynamoDB does: up to 1 MB a query, in units of 4 KB. */
class Table {
  readonly #items: readonly Item[];
  units = 0;
  queries = 0;

  constructor(items: readonly Item[]) {
    this.#items = items;
  }

  async page(_workspace: string, after: number, limit: number): Promise<TaskPage> {
    const rest = this.#items.filter(({ id }) => id > after);
    const found: Item[] = [];
    let bytes = 0;
    for (const item of rest.slice(0, limit)) {
      if (bytes >= 1024 * 1024) break;
      found.push(item);
      bytes += item.bytes;
    }
    const units = Math.max(1, Math.ceil(bytes / 4096));
    this.units += units;
    this.queries += 1;
    return {
      tasks: found.flatMap(({ task }) => task ?? []),
      // As DynamoDB: after exactly `limit` items nobody has looked whether there are more.
      next: found.length === limit || found.length < rest.length ? found.at(-1)?.id : undefined,
      units,
    };
  }
}

interface Listed {
  readonly tasks: readonly Task[];
  /** Units and queries of each page. */
  readonly costs: readonly { readonly units: number; readonly queries: number }[];
}

/** Lists page by page to the end. */
async function listAll(table: Table, parameters: Readonly<Record<string, string>> = {}): Promise<Listed> {
  const log = new MemoryLog();
  const tasks: Task[] = [];
  const costs: Listed['costs'][number][] = [];
  for (let cursor: string | undefined; ;) {
    table.units = 0;
    table.queries = 0;
    const list = await listTasks(
      table,
      log,
      principal,
      readListQuery({ ...parameters, ...(cursor && { cursor }) }),
    );
    costs.push({ units: table.units, queries: table.queries });
    tasks.push(...list.tasks);
    cursor = list.nextCursor;
    if (cursor === undefined) return { tasks, costs };
  }
}

const ids = (tasks: readonly Task[]): number[] => tasks.map(({ id }) => id);

describe('listing tasks', () => {
  it('goes on past thousands of items that are no tasks, with cursors that it takes back', async () => {
    const odd = Array.from({ length: 6000 }, (_, index) => 1 + (index + 1) / 7000);
    const places = [...odd, 2, ...odd.map((id) => id + 2), 5];
    const table = new Table(
      places.map((id) => ({ id, bytes: 400, ...(Number.isInteger(id) && { task: sampleTask({ id }) }) })),
    );
    const { tasks, costs } = await listAll(table);
    expect(ids(tasks)).toEqual([2, 5]);
    expect(costs.length).toBeLessThan(15);
  });

  it('reads for a small page what it takes, and a page more where every other task is wanted', async () => {
    const items = Array.from({ length: 5000 }, (_, index) => ({
      id: index + 1,
      bytes: 400,
      task: sampleTask({ id: index + 1, archived: index % 2 === 1 }),
    }));
    const costOfFirst = async (parameters: Readonly<Record<string, string>>): Promise<object> =>
      (await listAll(new Table(items), { limit: '100', ...parameters })).costs[0]!;
    expect(await costOfFirst({})).toEqual({ units: 11, queries: 2 });
    expect(await costOfFirst({ archived: 'true' })).toEqual({ units: 21, queries: 2 });
  });

  it('costs no page more than it may, shows everything once, whatever the sizes and filters', async () => {
    const anyItem = fc.record({
      bytes: fc.constantFrom(300, 500, 10_000, 64_000, 400_000),
      kind: fc.constantFrom('seen', 'seen', 'unseen', 'archived', 'none' as const),
      copies: fc.constantFrom(1, 5, 300),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyItem, { maxLength: 12 }),
        fc.constantFrom(1, 2, 50, 1000),
        fc.boolean(),
        async (kinds, limit, onlyArchived) => {
          const items = kinds
            .flatMap((item) => Array.from({ length: item.copies }, () => item))
            .map(({ bytes, kind }, index): Item => {
              const task = sampleTask({
                id: index + 1,
                visibility: kind === 'unseen' ? 'private' : 'workspace',
                created_by: 'bob',
                assignees: [],
                archived: kind === 'archived',
              });
              return { id: index + 1, bytes, ...(kind !== 'none' && { task }) };
            });
          const wanted = items
            .flatMap(({ task }) => task ?? [])
            .filter((task) => canSee(principal, task) && (!onlyArchived || task.archived));
          const { tasks, costs } = await listAll(new Table(items), {
            limit: String(limit),
            ...(onlyArchived && { archived: 'true' }),
          });
          expect(ids(tasks)).toEqual(ids(wanted));
          for (const { units } of costs) expect(units).toBeLessThan(pageUnits + queryUnits);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('reads of the tasks in one page what they usually are: a thousand small ones, in few queries', async () => {
    const items = Array.from({ length: 1000 }, (_, index) => ({
      id: index + 1,
      bytes: 500,
      task: sampleTask({ id: index + 1 }),
    }));
    const { tasks, costs } = await listAll(new Table(items));
    expect(tasks).toHaveLength(1000);
    expect(costs[0]!.queries).toBeLessThanOrEqual(3);
    expect(costs.length).toBeLessThanOrEqual(2);
  });

  it('stops where nothing matches, and hands out where to go on', async () => {
    const items = Array.from({ length: 1000 }, (_, index) => ({
      id: index + 1,
      bytes: 10_000,
      task: sampleTask({ id: index + 1 }),
    }));
    const { tasks, costs } = await listAll(new Table(items), { limit: '1', status: 'archived' });
    expect(tasks).toEqual([]);
    for (const { units } of costs) expect(units).toBeLessThanOrEqual(pageUnits + 16);
  });

  it('takes no cursor of another user, nor one that was made up', async () => {
    const table = new Table([1, 2].map((id) => ({ id, bytes: 500, task: sampleTask({ id }) })));
    const log = new MemoryLog();
    const { nextCursor } = await listTasks(table, log, principal, readListQuery({ limit: '1' }));
    const ask = (cursor: string, user = 'alice'): Promise<unknown> =>
      listTasks(table, log, { ...principal, user }, readListQuery({ cursor }));
    await expect(ask(nextCursor!)).resolves.toMatchObject({ tasks: [{ id: 2 }] });
    const refusal = { code: 'invalid_cursor' };
    await expect(ask(nextCursor!, 'bob')).rejects.toMatchObject(refusal);
    for (const made of ['after:1', 'after:1e-300', 'after:-1', 'after:9007199254740993'])
      await expect(ask(Buffer.from(made).toString('base64url'))).rejects.toMatchObject(refusal);
    await expect(ask('')).rejects.toMatchObject(refusal);
  });
});
