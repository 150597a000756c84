import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Who } from './stack.ts';
import { TestStack } from './stack.ts';
import type { Subscribed, Wanted } from './transports.ts';
import { transports } from './transports.ts';
import { newWorkspaces } from './workspaces.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start({ environment: { CONNECTIONS_PER_USER: '50' } });
});
afterAll(() => stack.close());

const kinds = (subscribed: Subscribed): string[] =>
  subscribed.events.map(({ type, taskId }) => `${type} ${taskId}`);

/** A user of a workspace that no other test has. */
const newWorkspace = newWorkspaces('delivery');

const create = (who: Who, fields: object): Promise<{ body: { task: { id: number } } }> =>
  stack.request(who, 'POST', '/tasks', fields);
const change = (who: Who, id: number, fields: object): Promise<unknown> =>
  stack.request(who, 'PATCH', `/tasks/${id}`, fields);

describe.each(transports)('over $name', (transport) => {
  const open = (who: Who, wanted?: Wanted): Promise<Subscribed> => transport.connect(stack, who, wanted);

  it('a user hears of each change that it may see, once, in order, in the form of the contract', async () => {
    const user = newWorkspace();
    const [alice, bob] = [user('alice'), user('bob')];
    const [hers, his] = await Promise.all([open(alice), open(bob)]);
    const { task } = (await create(alice, { name: 'shared' })).body;
    await create(alice, { name: 'private', visibility: 'private' });
    await change(alice, 1, { status: 'done' });
    await change(alice, 2, { visibility: 'workspace' });
    await change(alice, 1, { visibility: 'private' });
    await stack.request(alice, 'DELETE', '/tasks/2');
    await hers.until(() => hers.events.length >= 7);
    await his.until(() => his.events.length >= 6);
    expect(kinds(hers)).toEqual([
      'task.created 1',
      'task.created 2',
      'task.status_changed 1',
      'task.updated 1',
      'task.updated 2',
      'task.updated 1',
      'task.deleted 2',
    ]);
    expect(kinds(his)).toEqual([
      'task.created 1',
      'task.status_changed 1',
      'task.updated 1',
      'task.created 2',
      'task.deleted 1',
      'task.deleted 2',
    ]);
    expect(hers.events[0]).toEqual({
      type: 'task.created',
      taskId: 1,
      task,
      timestamp: expect.any(String),
      correlationId: expect.any(String),
    });
    expect(hers.events[2]).toMatchObject({
      previousStatus: 'inbox',
      newStatus: 'done',
      task: { version: 2 },
    });
  });

  it('a user of another workspace hears nothing', async () => {
    const [here, there] = [newWorkspace(), newWorkspace()];
    const [near, far] = await Promise.all([open(here('alice')), open(there('alice', { admin: true }))]);
    await create(here('alice'), { name: 'here' });
    await near.until(() => near.events.length > 0);
    await create(there('bob'), { name: 'there' });
    await far.until(() => far.events.length > 0);
    expect(far.events).toMatchObject([{ task: { name: 'there' } }]);
  });

  it('a filter leaves what it names, and tells when a task leaves its set', async () => {
    const user = newWorkspace();
    const done = await open(user('alice'), { status: 'done', events: 'task.created,task.deleted' });
    await create(user('bob'), { name: 'one' });
    for (const status of ['done', 'inbox', 'done']) await change(user('bob'), 1, { status });
    await done.until(() => done.events.length >= 3);
    expect(kinds(done)).toEqual(['task.created 1', 'task.deleted 1', 'task.created 1']);
  });

  it('who comes back with its cursor is told what it has missed, and goes on', async () => {
    const user = newWorkspace();
    const first = await open(user('alice'));
    await create(user('bob'), { name: 'one' });
    await first.until(() => first.events.length > 0);
    first.cut();
    await create(user('bob'), { name: 'two' });
    await change(user('bob'), 1, { status: 'done' });
    await stack.local.pump.drained();
    const second = await open(user('alice'), { cursor: first.cursor });
    await second.until(() => second.events.length >= 3);
    await create(user('bob'), { name: 'three' });
    await second.until(() => second.events.length >= 4);
    expect(second.resumes).toEqual([{ complete: true }]);
    expect(kinds(second)).toEqual([
      'task.created 2',
      'task.status_changed 1',
      'task.updated 1',
      'task.created 3',
    ]);
  });

  it('who asks for the past is told of it what may still be seen', async () => {
    const user = newWorkspace();
    await create(user('bob'), { name: 'one' });
    await create(user('bob'), { name: 'two' });
    await change(user('bob'), 2, { visibility: 'private' });
    await stack.local.pump.drained();
    const late = await open(user('alice'), { since: '0' });
    await late.until(() => late.events.length >= 2);
    await create(user('bob'), { name: 'three' });
    await late.until(() => late.events.length >= 3);
    expect(kinds(late)).toEqual(['task.created 1', 'task.deleted 2', 'task.created 3']);
  });

  it('who has a cursor that is none, or of other rights, loads again and goes on', async () => {
    const user = newWorkspace();
    const member = await open(user('alice'));
    const admin = await open(user('alice', { admin: true }), { cursor: member.cursor });
    const forged = await open(user('alice'), { cursor: 'no-cursor' });
    await admin.until(() => admin.resumes.length > 0);
    await forged.until(() => forged.resumes.length > 0);
    expect(admin.resumes).toEqual([{ complete: false, reason: 'rights_changed' }]);
    expect(forged.resumes).toEqual([{ complete: false, reason: 'unknown_cursor' }]);
    await create(user('bob'), { name: 'one' });
    for (const each of [admin, forged]) await each.until(() => each.events.length > 0);
  });

  it('what cannot be told asks for a load, in its place', async () => {
    const user = newWorkspace();
    const { workspace } = user('alice');
    const subscribed = await open(user('alice'));
    const Item = { workspace, id: 9, name: 'x'.repeat(70_000) };
    await stack.database.send(new PutCommand({ TableName: stack.local.tables['tasks']!, Item }));
    await create(user('bob'), { name: 'one' });
    await subscribed.until(() => subscribed.events.length > 0 && subscribed.resumes.length > 0);
    expect(subscribed.resumes).toEqual([{ complete: false, reason: 'resync' }]);
  });

  it('ends for a user whose rights are revoked, and for one whom an admin ends', async () => {
    const user = newWorkspace();
    const [eve, mallory] = await Promise.all([open(user('eve')), open(user('mallory'))]);
    const admin = user('ada', { admin: true });
    await stack.request(admin, 'POST', '/sse/revocations', { userId: 'eve' });
    await stack.request(admin, 'DELETE', `/sse/connections/${mallory.id}`);
    expect(await eve.end()).toEqual({ reason: 'revoked', reconnect: false });
    expect(await mallory.end()).toEqual({ reason: 'ended_by_admin', reconnect: false });
    const { body } = await stack.request(admin, 'GET', '/sse/stats');
    expect(body).toEqual({ totalConnections: 0, connections: [] });
  });

  it('is listed among the connections while it is open, and not after', async () => {
    const user = newWorkspace();
    const admin = user('ada', { admin: true });
    const subscribed = await open(user('alice'));
    const listed = async (): Promise<string[]> =>
      (await stack.request(admin, 'GET', '/sse/stats')).body.connections.map(({ id }: { id: string }) => id);
    expect(await listed()).toEqual([subscribed.id]);
    await stack.request(user('alice'), 'POST', '/sse/disconnect', { connectionId: subscribed.id });
    expect(await subscribed.end()).toEqual({ reason: 'disconnected', reconnect: false });
    expect(await listed()).toEqual([]);
  });
});

it('both transports give the same frame the same id, and each goes on from a cursor of the other', async () => {
  const user = newWorkspace();
  const [stream, socket] = await Promise.all(transports.map((each) => each.connect(stack, user('alice'))));
  await create(user('bob'), { name: 'one' });
  await change(user('bob'), 1, { status: 'done' });
  for (const each of [stream!, socket!]) await each.until(() => each.events.length >= 3);
  expect(socket!.events).toEqual(stream!.events);
  expect(socket!.ids).toEqual(stream!.ids);
  await create(user('bob'), { name: 'two' });
  await stream!.until(() => stream!.events.length >= 4);
  const [cursor] = stream!.ids.slice(1, 2);
  for (const each of transports) {
    const later = await each.connect(stack, user('alice'), { cursor: cursor! });
    await later.until(() => later.events.length >= 2);
    expect(kinds(later)).toEqual(['task.updated 1', 'task.created 2']);
  }
});
