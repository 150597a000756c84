import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { decodeBody, encodeBody } from '../../core/log/segment.ts';
import type { TaskChange } from '../../core/log/change.ts';
import { TestStack } from './stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.close());

const patch = (who: { sub: string; workspace: string }, id: number, fields: object): Promise<unknown> =>
  stack.request(who, 'PATCH', `/tasks/${id}`, fields);

describe('a stream with a filter', () => {
  it('hears of the tasks that come into its set, are changed there and leave it, and of no other', async () => {
    const alice = { sub: 'alice', workspace: 'filters' };
    const [doing, agents, one, deleted] = await Promise.all([
      stack.connect(alice, { status: 'in_progress,in_review' }),
      stack.connect(alice, { assigned_to_agent: 'true' }),
      stack.connect(alice, { tasks: '2' }),
      stack.connect(alice, { events: 'task.deleted' }),
    ]);
    const all = await stack.connect(alice);
    await stack.request(alice, 'POST', '/tasks', { name: 'one' });
    await stack.request(alice, 'POST', '/tasks', { name: 'two', assigned_to_agent: true });
    await patch(alice, 1, { status: 'in_progress' });
    await patch(alice, 1, { status: 'in_review', assigned_to_agent: true });
    await patch(alice, 1, { status: 'done', assigned_to_agent: false });
    await stack.request(alice, 'DELETE', '/tasks/2');
    await stack.request(alice, 'POST', '/tasks', { name: 'the end', status: 'in_review' });
    await all.until(() => all.events.some(({ task }) => task?.name === 'the end'));
    await doing.until(() => doing.events.some(({ task }) => task?.name === 'the end'));
    const told = (stream: typeof all): unknown[] => stream.events.map(({ type, taskId }) => [type, taskId]);
    expect(told(doing)).toEqual([
      ['task.created', 1],
      ['task.status_changed', 1],
      ['task.updated', 1],
      ['task.deleted', 1],
      ['task.created', 3],
    ]);
    await agents.until(() => agents.events.length >= 4);
    expect(told(agents)).toEqual([
      ['task.created', 2],
      ['task.created', 1],
      ['task.deleted', 1],
      ['task.deleted', 2],
    ]);
    await one.until(() => one.events.length >= 2);
    expect(told(one)).toEqual([
      ['task.created', 2],
      ['task.deleted', 2],
    ]);
    await deleted.until(() => deleted.events.length >= 1);
    expect(told(deleted)).toEqual([['task.deleted', 2]]);

    // The cursor has moved past what is filtered: what comes after it is nothing.
    await deleted.until((frames) => frames.at(-1)!.id === all.cursor);
    const again = await stack.connect(alice, { events: 'task.deleted' }, { 'last-event-id': deleted.cursor });
    expect(again.frames[1]).toMatchObject({ event: 'resume', data: { complete: true } });
  });

  it('is told what may have left its set by segments of format 1, which do not say all', async () => {
    const bob = { sub: 'bob', workspace: 'old-segments' };
    const cursor = (await stack.request(bob, 'GET', '/tasks')).body.streamCursor as string;
    await stack.request(bob, 'POST', '/tasks', { name: 'one', assigned_to_agent: true });
    await stack.request(bob, 'PATCH', '/tasks/1', { assigned_to_agent: false });
    await stack.local.pump.drained();
    const TableName = stack.local.tables['events']!;
    for (const segment of [1, 2]) {
      const Key = { workspace: bob.workspace, segment };
      const { Item: item } = await stack.database.send(new GetCommand({ TableName, Key }));
      if (!item) continue;
      const changes = decodeBody(item['body'] as Uint8Array, item['deflated'] as boolean) as TaskChange[];
      const older = changes.map(({ before, ...change }) => {
        const { assigned_to_agent: _, ...facts } = before ?? {};
        return before ? { ...change, before: facts } : change;
      });
      const Item = { ...item, ...encodeBody(older as TaskChange[]), format: 1 };
      await stack.database.send(new PutCommand({ TableName, Item }));
    }
    const later = await stack.connect(bob, { assigned_to_agent: 'true' }, { 'last-event-id': cursor });
    await later.until(() => later.events.length === 2);
    expect(later.events.map(({ type }) => type)).toEqual(['task.created', 'task.deleted']);
  });

  it.each([
    ['events=task.moved', '"events" must be some of task.created, task.updated, task.deleted'],
    ['status=later', '"status" must be some of inbox, up_next'],
    ['tasks=x', '"tasks" must be at most 100 task ids'],
    ['assigned_to_agent=1', '"assigned_to_agent" must be true or false'],
  ])('of %s is 400 with what there is', async (query, message) => {
    const { status, body } = await stack.request({ sub: 'alice' }, 'GET', `/sse/connect?${query}`);
    expect({ status, body }).toEqual({
      status: 400,
      body: { error: expect.stringContaining(message), code: 'invalid_parameter' },
    });
  });
});
