import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Who } from './stack.ts';
import { TestStack } from './stack.ts';

let stack: TestStack;
/** How many reads of several tasks are answered in part from now on. */
let partly = 0;
beforeAll(async () => {
  stack = await TestStack.start({
    onAwsCall: ({ operation }) => {
      if (operation !== 'BatchGetItem' || partly === 0) return undefined;
      partly -= 1;
      return { kind: 'unprocessed', processed: 1 };
    },
  });
});
afterAll(() => stack.close());

interface Told {
  readonly type: string;
  readonly taskId: number;
  readonly task?: { readonly name: string; readonly description: string | null };
}

/** All pages of a history, and how many there were. */
async function history(
  who: Who,
  query: Readonly<Record<string, string>> = {},
): Promise<{ events: Told[]; pages: number }> {
  const events: Told[] = [];
  let pages = 0;
  for (let cursor: string | undefined; ;) {
    const search = new URLSearchParams({ ...query, ...(cursor !== undefined && { cursor }) });
    const { status, body } = await stack.request(who, 'GET', `/events?${search}`);
    expect({ status, body }).toMatchObject({ status: 200, body: { complete: true } });
    expect('streamCursor' in body).toBe(cursor === undefined);
    events.push(...(body.events as Told[]));
    pages += 1;
    cursor = body.nextCursor as string | undefined;
    if (cursor === undefined) return { events, pages };
  }
}

const named = (events: readonly Told[]): unknown[] => events.map(({ type, taskId }) => `${type} ${taskId}`);

describe('the history', () => {
  const alice = { sub: 'alice', workspace: 'history' };
  const bob = { sub: 'bob', workspace: 'history' };
  const admin = { sub: 'root', workspace: 'history', admin: true };
  let live: readonly Told[];

  beforeAll(async () => {
    const stream = await stack.connect(alice);
    const write = (method: string, path: string, fields?: object): Promise<unknown> =>
      stack.request(alice, method, path, fields);
    await write('POST', '/tasks', { name: 'shared' });
    await write('POST', '/tasks', { name: 'hidden later', description: 'for everybody' });
    await write('POST', '/tasks', { name: 'shown later', description: 'a secret', visibility: 'private' });
    await write('PATCH', '/tasks/1', { status: 'done' });
    await write('PATCH', '/tasks/3', { description: 'no secret', visibility: 'workspace' });
    await write('PATCH', '/tasks/2', { description: 'a secret', visibility: 'private' });
    await write('POST', '/tasks', { name: 'deleted later' });
    await write('DELETE', '/tasks/4');
    await stream.until(() =>
      stream.events.some(({ type, taskId }) => type === 'task.deleted' && taskId === 4),
    );
    live = stream.events;
  });

  it('is what a stream has told, to who sees it all still, but for what is deleted', async () => {
    const { events } = await history(alice);
    expect(events).toEqual(live.filter(({ type, taskId }) => taskId !== 4 || type === 'task.deleted'));
    expect(named(events).at(-1)).toBe('task.deleted 4');
  });

  it('tells others what they might have had and may still see, and nothing of what was or is private', async () => {
    const { events } = await history(bob);
    expect(named(events)).toEqual([
      'task.created 1',
      'task.status_changed 1',
      'task.updated 1',
      'task.created 3',
      'task.deleted 2',
      'task.deleted 4',
    ]);
    expect(JSON.stringify(events)).not.toContain('a secret');
    expect(JSON.stringify(events)).not.toContain('for everybody');
    expect(events[3]!.task!.description).toBe('no secret');
    expect((await history(admin)).events).toEqual((await history(alice)).events);
    expect((await history({ sub: 'eve', workspace: 'another' })).events).toEqual([]);
  });

  it('comes in pages of any size, newest first as well, and filtered', async () => {
    const all = await history(alice);
    for (const limit of ['1', '3', '1000']) {
      expect((await history(alice, { limit })).events).toEqual(all.events);
      const back = await history(alice, { limit, order: 'newest' });
      expect(back.events).toEqual(all.events.toReversed());
      expect(back.pages).toBeGreaterThanOrEqual(Math.ceil(all.events.length / Number(limit)));
    }
    expect(named((await history(bob, { types: 'task.deleted', order: 'newest' })).events)).toEqual([
      'task.deleted 4',
      'task.deleted 2',
    ]);
    expect(named((await history(alice, { tasks: '1', status: 'inbox' })).events)).toEqual([
      'task.created 1',
      'task.deleted 1',
    ]);
  });

  it('is the same where a table that is busy gives only some of the tasks', async () => {
    const { events } = await history(bob);
    for (const order of ['oldest', 'newest']) {
      partly = 2;
      const found = await history(bob, { order });
      expect(found.events).toEqual(order === 'newest' ? events.toReversed() : events);
      expect(partly).toBe(0);
    }
    partly = 2;
    const stream = await stack.connect(bob, { since: '0' });
    await stream.until(() => stream.events.length >= events.length);
    expect(stream.events).toEqual(events);
    expect(partly).toBe(0);
  });

  it('begins at a time, on a stream as well, which then goes on live', async () => {
    await stack.local.pump.drained();
    // What was logged before is older than this, by a millisecond at least.
    const since = new Date(Date.now() + 1).toISOString();
    await stack.request(alice, 'PATCH', '/tasks/1', { name: 'renamed' });
    await stack.local.pump.drained();
    expect(named((await history(bob, { since })).events)).toEqual(['task.updated 1']);
    expect(named((await history(bob, { since, order: 'newest' })).events)).toEqual(['task.updated 1']);
    const late = await stack.connect(bob, { since });
    const latest = await stack.connect(bob, { since: String(Date.now() + 60_000) });
    const first = await stack.connect(bob, { since: '0' });
    await stack.request(alice, 'PATCH', '/tasks/1', { name: 'renamed again' });
    const isLast = ({ task }: { task?: { name?: unknown } }): boolean => task?.name === 'renamed again';
    for (const stream of [late, latest, first]) {
      await stream.until(() => stream.events.some(isLast));
      expect(stream.frames[1]).toMatchObject({ event: 'resume', data: { complete: true } });
    }
    expect(named(late.events)).toEqual(['task.updated 1', 'task.updated 1']);
    expect(named(latest.events)).toEqual(['task.updated 1']);
    expect(first.events).toEqual((await history(bob)).events);

    // EventSource comes back with the same URL and its own place, which counts.
    const again = await stack.connect(bob, { since: '0' }, { 'last-event-id': first.cursor });
    await stack.request(alice, 'PATCH', '/tasks/1', { name: 'the end' });
    await again.until(() => again.events.length > 0);
    expect(again.events).toMatchObject([{ task: { name: 'the end' } }]);
  });

  it('holds its rule for who is cut off in the middle of the past and comes back', async () => {
    const [carol, dave] = [
      { sub: 'carol', workspace: 'cut' },
      { sub: 'dave', workspace: 'cut' },
    ];
    await stack.request(carol, 'POST', '/tasks', { name: 'one' });
    await stack.request(carol, 'POST', '/tasks', { name: 'two' });
    await stack.local.pump.drained();
    const stream = await stack.connect(dave, { since: '0' });
    await stream.until(() => stream.events.length === 2);
    // The first task was told, the second not: the id of the first is the place between them.
    const between = stream.frames.find(({ data }) => data.taskId === 1)!.id!;
    stream.cut();
    await stack.request(carol, 'PATCH', '/tasks/2', { visibility: 'private' });
    await stack.local.pump.drained();
    const again = await stack.connect(dave, { since: '0' }, { 'last-event-id': between });
    await again.until(() => again.events.length > 0);
    expect(named(again.events)).toEqual(['task.deleted 2']);
  });

  it('says where something cannot be told', async () => {
    const frank = { sub: 'frank', workspace: 'untold' };
    await stack.request(frank, 'POST', '/tasks', { name: 'one' });
    await stack.database.send(
      new PutCommand({
        TableName: stack.local.tables['tasks']!,
        Item: { workspace: 'untold', id: 9, name: 'x'.repeat(70_000) },
      }),
    );
    await stack.local.pump.drained();
    const { body } = await stack.request(frank, 'GET', '/events');
    expect(body).toMatchObject({ complete: false, reason: 'resync', events: [{ taskId: 1 }] });
  });

  it.each([
    ['since=yesterday', 'invalid_parameter', '"since" must be a time'],
    ['since=2026-13-40T00:00:00Z', 'invalid_parameter', '"since" must be a time'],
    ['types=task.moved', 'invalid_parameter', '"types" must be some of task.created'],
    ['order=random', 'invalid_parameter', '"order" must be oldest or newest'],
    ['limit=0', 'invalid_parameter', '"limit" must be a whole number from 1 to 1000'],
    ['events=task.created', 'invalid_parameter', 'unknown parameter "events": use since, types'],
    ['cursor=abc', 'invalid_cursor', '"cursor" must be the nextCursor'],
  ])('refuses ?%s', async (query, code, message) => {
    const { status, body } = await stack.request(alice, 'GET', `/events?${query}`);
    expect({ status, body }).toMatchObject({ status: 400, body: { code } });
    expect(body.error).toContain(message);
  });

  it('refuses a time that is none on a stream, and the cursor of another user in a page', async () => {
    const { status, body } = await stack.request(alice, 'GET', '/sse/connect?since=yesterday');
    expect({ status, body }).toMatchObject({ status: 400, body: { code: 'invalid_parameter' } });
    const page = await stack.request(alice, 'GET', '/events?limit=1');
    const { nextCursor } = page.body as { nextCursor: string };
    const answer = await stack.request(bob, 'GET', `/events?cursor=${nextCursor}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_cursor' } });
    expect((await stack.request(alice, 'GET', '/events/')).status).toBe(200);
    expect(await stack.request(alice, 'POST', '/events', {})).toMatchObject({
      status: 405,
      body: { code: 'method_not_allowed' },
    });
  });
});
