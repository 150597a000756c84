import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import type { TaskEvent } from '../../protocol/events.ts';
import type { Task } from '../../protocol/task.ts';
import { readTask } from '../../core/task/task.ts';
import { canSee } from '../../core/subscription/visibility.ts';
import { TaskReplica } from '../../client/store/task-replica.ts';
import type { Who } from './stack.ts';
import { TestStack } from './stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.close());

const sampleUsers = ['alice', 'bob', 'carol'];
const lastName = 'the last write';
let workspaces = 0;

/** What a writer does to one of the tasks that there are, or anew. */
const anyWrite = fc.record({
  pick: fc.nat(),
  by: fc.constantFrom(...sampleUsers),
  what: fc.oneof(
    { weight: 3, arbitrary: fc.constant('create' as const) },
    { weight: 3, arbitrary: fc.constant('status' as const) },
    { weight: 3, arbitrary: fc.constant('visibility' as const) },
    { weight: 1, arbitrary: fc.constant('delete' as const) },
    { weight: 1, arbitrary: fc.constant('raw put' as const) },
    { weight: 1, arbitrary: fc.constant('raw delete' as const) },
  ),
  status: fc.constantFrom('inbox', 'in_progress', 'done'),
  visibility: fc.constantFrom('workspace', 'private'),
  assignees: fc.subarray(sampleUsers),
});
type Write = typeof anyWrite extends fc.Arbitrary<infer Value> ? Value : never;

/** Does one write; those that do not fit the task any more are refused, which is fine. */
async function perform(workspace: string, write: Write): Promise<void> {
  const { pick, by, what, status, visibility, assignees } = write;
  // An admin, so that no write is refused for the rights alone.
  const writer: Who = { sub: by, workspace, admin: true };
  const id = 1 + (pick % 8);
  const TableName = stack.local.tables['tasks'];
  switch (what) {
    case 'create': {
      await stack.request(writer, 'POST', '/tasks', { name: 'new', status, visibility, assignees });
      return;
    }
    case 'status': {
      await stack.request(writer, 'PATCH', `/tasks/${id}`, { status });
      return;
    }
    case 'visibility': {
      await stack.request(writer, 'PATCH', `/tasks/${id}`, { visibility, assignees });
      return;
    }
    case 'delete': {
      await stack.request(writer, 'DELETE', `/tasks/${id}`);
      return;
    }
    case 'raw put': {
      // As a script writes; ids of its own, because one that lowers the version of a task misleads every client.
      const Item = { workspace, id: 100 + id, name: `raw ${status}`, status, visibility, assignees };
      await stack.database.send(new PutCommand({ TableName, Item }));
      return;
    }
    case 'raw delete': {
      await stack.database.send(new DeleteCommand({ TableName, Key: { workspace, id: 100 + id } }));
    }
  }
}

interface Loaded {
  readonly tasks: readonly Task[];
  readonly streamCursor: string;
}

/** Loads the tasks page by page. */
async function load(who: Who, limit: number): Promise<Loaded> {
  const tasks: Task[] = [];
  let streamCursor = '';
  for (let cursor = ''; ;) {
    const { status, body } = await stack.request(who, 'GET', `/tasks?limit=${limit}${cursor}`);
    expect(status).toBe(200);
    expect(Object.hasOwn(body, 'streamCursor')).toBe(cursor === '');
    if (cursor === '') streamCursor = body.streamCursor as string;
    tasks.push(...(body.tasks as Task[]));
    if (body.nextCursor === undefined) return { tasks, streamCursor };
    cursor = `&cursor=${body.nextCursor}`;
  }
}

/** What a client shows that has loaded and then streams from the cursor of the load until the last write. */
async function follow(who: Who, { tasks, streamCursor }: Loaded): Promise<readonly Task[]> {
  const shown = new Map<number, Task>();
  const replica = new TaskReplica({
    reset: (all) => {
      for (const task of all) shown.set(task.id, task);
    },
    put: (task) => shown.set(task.id, task),
    remove: (id) => shown.delete(id),
  });
  replica.beginLoad();
  replica.finishLoad(tasks);
  const stream = await stack.connect(who, { lastEventId: streamCursor });
  await stream.until((frames) =>
    frames.some(({ data }) => data.type === 'task.created' && data.task.name === lastName),
  );
  expect(stream.frames[1]).toMatchObject({ event: 'resume', data: { complete: true } });
  for (const event of stream.events as TaskEvent[]) replica.apply(event);
  stream.cut();
  return [...shown.values()].toSorted((a, b) => a.id - b.id);
}

describe('a snapshot and the stream from its cursor', () => {
  it('are the final table, for everybody, while others write, delete and change visibility', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyWrite, { minLength: 20, maxLength: 40 }), { minLength: 3, maxLength: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (writers, limit) => {
          workspaces += 1;
          const workspace = `snapshot-${workspaces}`;
          const principals = sampleUsers.map((user) => ({ workspace, user, admin: user === 'carol' }));
          const state = { isOver: false };
          const writing = Promise.all(
            writers.map(async (writes) => {
              for (const write of writes) await perform(workspace, write);
            }),
          ).finally(() => {
            state.isOver = true;
          });
          const clients = principals.map(async (principal) => {
            const who = { sub: principal.user, workspace, admin: principal.admin };
            const following: { principal: typeof principal; shown: Promise<readonly Task[]> }[] = [];
            // One client after the other begins, for as long as somebody writes.
            while (!state.isOver && following.length < 6) {
              following.push({ principal, shown: follow(who, await load(who, limit)) });
            }
            return following;
          });
          const following = (await Promise.all(clients)).flat();
          await writing;
          await stack.request({ sub: 'alice', workspace }, 'POST', '/tasks', { name: lastName });

          const { Items: items = [] } = await stack.database.send(
            new QueryCommand({
              TableName: stack.local.tables['tasks'],
              KeyConditionExpression: 'workspace = :workspace',
              ExpressionAttributeValues: { ':workspace': workspace },
              ConsistentRead: true,
            }),
          );
          const final = items.map((item) => readTask(item)!);
          expect(following.length).toBeGreaterThanOrEqual(principals.length);
          for (const { principal, shown } of following) {
            expect(await shown).toEqual(final.filter((task) => canSee(principal, task)));
          }
        },
      ),
      { numRuns: 3 },
    );
  });

  it('begin at the very beginning where nothing was ever logged', async () => {
    const who = { sub: 'alice', workspace: 'snapshot-of-nothing' };
    const { body } = await stack.request(who, 'GET', '/tasks');
    expect(body).toEqual({ tasks: [], streamCursor: expect.stringMatching(/^[0-9a-f]{16}\.1\.0\.0\./) });
    await stack.request(who, 'POST', '/tasks', { name: 'first' });
    const stream = await stack.connect(who, { lastEventId: body.streamCursor as string });
    await stream.until(() => stream.events.length === 1);
    expect(stream.frames[1]).toMatchObject({ event: 'resume', data: { complete: true } });
    expect(stream.events[0]).toMatchObject({ type: 'task.created', task: { name: 'first' } });
  });

  it('do not go together with the rights of somebody else', async () => {
    const workspace = 'snapshot-of-another';
    const { body } = await stack.request({ sub: 'alice', workspace, admin: true }, 'GET', '/tasks');
    const stream = await stack.connect(
      { sub: 'alice', workspace },
      { lastEventId: body.streamCursor as string },
    );
    await stream.until((frames) => frames.length >= 2);
    expect(stream.frames[1]).toMatchObject({
      event: 'resume',
      data: { complete: false, reason: 'rights_changed' },
    });
  });
});
