import fc from 'fast-check';
import type { Change } from '../../core/log/change.ts';
import { deriveChange } from '../../core/log/change.ts';
import { CursorSeal } from '../../core/log/cursor.ts';
import { eventsFor } from '../../core/subscription/events.ts';
import { appendBatch } from '../../core/log/append.ts';
import type { Principal } from '../../core/subscription/principal.ts';
import type { Task } from '../../protocol/task.ts';
import { canSee } from '../../core/subscription/visibility.ts';
import { TaskReplica } from '../../client/store/task-replica.ts';
import type { TaskPage } from '../../lambdas/shared/dynamodb/task-store.ts';
import { listTasks } from '../../lambdas/tasks/list.ts';
import { MemoryLog, sampleLog } from '../core/memory-log.ts';
import { allOf, anyPrincipal, anyTask } from '../core/task-samples.ts';

const sampleWorkspace = 'acme';

/** The tasks table in memory with its stream. Every call first waits for `turn`, where the test interleaves. */
class MemoryTable {
  readonly tasks = new Map<number, Task>();
  readonly stream: Change[] = [];
  readonly #turn: () => Promise<void>;

  constructor(turn: () => Promise<void>) {
    this.#turn = turn;
  }

  /** Puts a task as the next version of what is there, or deletes it. */
  async write(id: number, fields: Task | undefined): Promise<void> {
    await this.#turn();
    const before = this.tasks.get(id);
    const after = fields && { ...fields, id, version: (before?.version ?? 0) + 1 };
    if (after) this.tasks.set(id, after);
    else this.tasks.delete(id);
    const change = deriveChange({
      source: String(this.stream.length + 1),
      at: 0,
      before: before && { ...before },
      after: after && { ...after },
    });
    if (change) this.stream.push(change);
  }

  async page(_workspace: string, after: number, limit: number): Promise<TaskPage> {
    await this.#turn();
    const found = [...this.tasks.values()].filter(({ id }) => id > after).toSorted((a, b) => a.id - b.id);
    return {
      tasks: found.slice(0, limit),
      next: found.length > limit ? found[limit - 1]!.id : undefined,
      units: 1,
    };
  }
}

/** Brings the stream to the log, in batches, until it is told that nothing more is written. */
async function fanOut(
  table: MemoryTable,
  log: MemoryLog,
  turn: () => Promise<void>,
  isOver: () => boolean,
): Promise<void> {
  for (let position = 0; !isOver() || position < table.stream.length;) {
    await turn();
    const changes = table.stream.slice(position, position + 3);
    await appendBatch(
      log,
      { workspace: sampleWorkspace, stream: 's', changes },
      { now: () => 0, newLog: () => sampleLog, historySeconds: 86_400 },
    );
    position += changes.length;
  }
}

/** Reads all pages of the list, and gives them with the first page's cursor. */
async function load(
  table: MemoryTable,
  log: MemoryLog,
  principal: Principal,
  limit: number,
): Promise<{ tasks: readonly Task[]; streamCursor: string }> {
  const tasks: Task[] = [];
  let streamCursor: string | undefined;
  for (let cursor: string | undefined; ;) {
    const page = await listTasks(table, log, principal, { filter: {}, archived: undefined, limit, cursor });
    expect(page.streamCursor !== undefined).toBe(cursor === undefined);
    streamCursor ??= page.streamCursor;
    tasks.push(...page.tasks);
    if (page.nextCursor === undefined) return { tasks, streamCursor: streamCursor! };
    cursor = page.nextCursor;
  }
}

/** The tasks that a client has which loaded them and then heard everything after the cursor. */
function follow(
  loaded: { tasks: readonly Task[]; streamCursor: string },
  log: MemoryLog,
  principal: Principal,
): ReadonlyMap<number, Task> {
  const shown = new Map<number, Task>();
  const replica = new TaskReplica({
    reset: (tasks) => {
      for (const task of tasks) shown.set(task.id, task);
    },
    put: (task) => shown.set(task.id, task),
    remove: (id) => shown.delete(id),
  });
  replica.beginLoad();
  replica.finishLoad(loaded.tasks);
  const cursor = new CursorSeal(sampleLog, principal).open(loaded.streamCursor);
  if (typeof cursor === 'string') throw new Error(cursor);
  const segments = log.segments(sampleWorkspace);
  for (const { segment, changes } of segments) {
    if (segment < cursor.segment) continue;
    for (const change of changes) {
      if (change.kind === 'task')
        for (const event of eventsFor(change, allOf(principal))) replica.apply(event);
    }
  }
  return shown;
}

describe('a list with its stream cursor', () => {
  it('and what the log tells after it are the final tasks, whoever writes meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.option(anyTask, { nil: undefined })), {
          maxLength: 24,
        }),
        anyPrincipal,
        fc.integer({ min: 1, max: 3 }),
        fc.nat(12),
        async (scheduler, writes, principal, limit, wait) => {
          const turn = (): Promise<void> => scheduler.schedule(Promise.resolve());
          const table = new MemoryTable(turn);
          const log = new MemoryLog(turn);
          let isOver = false;
          const write = async (): Promise<void> => {
            for (const [id, task] of writes) await table.write(id, task);
            isOver = true;
          };
          const read = async (): ReturnType<typeof load> => {
            for (let turns = 0; turns < wait; turns += 1) await turn();
            return load(table, log, principal, limit);
          };
          const [loaded] = await scheduler.waitFor(
            Promise.all([read(), write(), fanOut(table, log, turn, () => isOver)]),
          );

          const final = [...table.tasks.values()].filter((task) => canSee(principal, task));
          const byId = (a: Task, b: Task): number => a.id - b.id;
          expect([...follow(loaded, log, principal).values()].toSorted(byId)).toEqual(final.toSorted(byId));
        },
      ),
      { numRuns: 500 },
    );
  });
});
