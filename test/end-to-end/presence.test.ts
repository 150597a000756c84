import type { SaidOfPage } from './awareness.ts';
import { told, type, untilTold, view, watch, whoIsThere } from './awareness.ts';
import type { Who } from './stack.ts';
import { TestStack } from './stack.ts';
import type { Subscribed, Wanted } from './transports.ts';
import { transports } from './transports.ts';
import { newWorkspaces } from './workspaces.ts';

/** How far ahead the clock of the tasks function is, milliseconds; a process has it when it starts. */
let aheadMs = 0;

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start({
    environment: { CONNECTIONS_PER_USER: '50' },
    clockSkewMs: (name) => (name === 'tasks' ? aheadMs : 0),
  });
});
afterAll(() => stack.close());

/** A user of a workspace that no other test has. */
const newWorkspace = newWorkspaces('presence');

const create = async (who: Who, fields: object): Promise<number> =>
  (await stack.request(who, 'POST', '/tasks', { name: 'one', ...fields })).body.task.id;
const see = (who: Who, viewId: string, said?: SaidOfPage): Promise<void> => view(stack, who, viewId, said);

/** Puts the clock of the tasks function ahead from now on, with another process. */
async function putAhead(milliseconds: number): Promise<void> {
  aheadMs = milliseconds;
  const { process } = stack.local.functions.find(({ name }) => name === 'tasks')!;
  await process.crash();
  await process.start();
}

describe.each(transports)('over $name', (transport) => {
  const open = (who: Who, wanted?: Wanted): Promise<Subscribed> => transport.connect(stack, who, wanted);
  const listen = (who: Who, wanted?: Wanted): Promise<Subscribed> => watch(transport, stack, who, wanted);

  it('who asks is told first who is there, and then who comes; who does not ask is told nothing', async () => {
    const user = newWorkspace();
    const empty = await listen(user('alice'));
    await see(user('zoe'), 'page');
    await see(user('bob'), 'page', { state: 'hidden' });
    const asking = await listen(user('alice'));
    const silent = await open(user('alice'));
    const declining = await open(user('alice'), { presence: 'false' });
    await see(user('carol'), 'page');
    for (const each of [empty, asking]) await untilTold(each, 'joined carol');
    await create(user('bob'), {});
    for (const each of [silent, declining]) await each.until(() => each.events.length > 0);
    expect(told(empty)).toEqual(['snapshot: ', 'joined zoe', 'joined bob hidden', 'joined carol']);
    expect(told(asking)).toEqual(['snapshot: bob hidden, zoe', 'joined carol']);
    expect([...silent.others, ...declining.others]).toEqual([]);
    expect(asking.others).toEqual([
      {
        type: 'presence.snapshot',
        viewers: expect.arrayContaining([
          { userId: 'zoe', state: 'active', tasks: [], since: expect.stringMatching(/^\d{4}-.*Z$/) },
        ]),
        last: true,
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      },
      {
        type: 'presence.joined',
        userId: 'carol',
        state: 'active',
        tasks: [],
        since: expect.stringMatching(/^\d{4}-.*Z$/),
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
  });

  it('the pages of a user are one viewer, at the tasks of those that are active, until the last has left', async () => {
    const user = newWorkspace();
    const [alice, bob] = [user('alice'), user('bob')];
    for (const name of ['one', 'two']) await create(bob, { name });
    const [others, own] = [await listen(bob), await listen(alice)];
    await see(alice, 'first', { taskId: 1 });
    // Says nothing new of her.
    await see(alice, 'second', { taskId: 1 });
    await see(alice, 'first', { taskId: 1, lease: 300 });
    await see(alice, 'second', { taskId: 2 });
    await see(alice, 'first', { state: 'hidden', taskId: 1 });
    await see(alice, 'second', { state: 'hidden', taskId: 2 });
    expect(await whoIsThere(stack, bob)).toEqual(['alice hidden']);
    await see(alice, 'second', { state: 'left' });
    await see(alice, 'unknown', { state: 'left' });
    await see(alice, 'first', { state: 'left' });
    await see(alice, 'first', { state: 'left' });
    await see(bob, 'page');
    for (const each of [others, own]) {
      await untilTold(each, 'joined bob');
      expect(told(each)).toEqual([
        'snapshot: ',
        'joined alice at 1',
        'updated alice at 1,2',
        'updated alice at 2',
        'updated alice hidden',
        'left alice',
        'joined bob',
      ]);
    }
    expect(await whoIsThere(stack, alice)).toEqual(['bob']);
  });

  it('a user whose pages have all gone without a word leaves with the last lease', async () => {
    const user = newWorkspace();
    const watching = await listen(user('bob'));
    await see(user('alice'), 'short', { lease: 10 });
    await see(user('alice'), 'long', { lease: 60 });
    await see(user('carol'), 'page', { lease: 300 });
    await putAhead(30_000);
    // Whoever renews looks after the others.
    await see(user('carol'), 'page', { lease: 300 });
    expect(await whoIsThere(stack, user('bob'))).toEqual(['alice', 'carol']);
    await putAhead(90_000);
    await see(user('carol'), 'page', { lease: 300 });
    await untilTold(watching, 'left alice');
    expect(await whoIsThere(stack, user('bob'))).toEqual(['carol']);
    await putAhead(0);
    expect(told(watching)).toEqual(['snapshot: ', 'joined alice', 'joined carol', 'left alice']);
  });

  it('the number of a private task is told to its creator, its assignees and admins, and to nobody else', async () => {
    const user = newWorkspace();
    const [alice, bob, carol] = [user('alice'), user('bob'), user('carol')];
    const root = user('root', { admin: true });
    await create(alice, { visibility: 'private', assignees: ['carol'] });
    await create(alice, {});
    const outside = await listen(bob);
    const inside = await Promise.all([alice, carol, root].map((who) => listen(who)));
    await see(alice, 'page', { taskId: 1 });
    for (const who of [alice, carol, root]) expect(await whoIsThere(stack, who)).toEqual(['alice at 1']);
    expect(await whoIsThere(stack, bob)).toEqual(['alice']);
    expect(told(await listen(bob))).toEqual(['snapshot: alice']);
    expect(told(await listen(carol))).toEqual(['snapshot: alice at 1']);
    // Nothing has changed for one who does not see where she was.
    await see(alice, 'page');
    await see(alice, 'page', { taskId: 2 });
    await untilTold(outside, 'updated alice at 2');
    expect(told(outside)).toEqual(['snapshot: ', 'joined alice', 'updated alice at 2']);
    for (const each of inside) {
      await untilTold(each, 'updated alice at 2');
      expect(told(each)).toEqual(['snapshot: ', 'joined alice at 1', 'updated alice', 'updated alice at 2']);
    }
  });

  it('a task that becomes private or is deleted is not told from then on', async () => {
    const user = newWorkspace();
    const [alice, bob, carol] = [user('alice'), user('bob'), user('carol')];
    for (const who of [alice, carol, bob]) await create(who, {});
    const [outside, inside] = [await listen(bob), await listen(alice)];
    await see(alice, 'page', { taskId: 1 });
    await see(carol, 'page', { taskId: 2 });
    await untilTold(outside, 'joined carol at 2');
    await stack.request(alice, 'PATCH', '/tasks/1', { visibility: 'private' });
    await stack.request(carol, 'DELETE', '/tasks/2');
    expect(await whoIsThere(stack, bob)).toEqual(['alice', 'carol']);
    expect(await whoIsThere(stack, alice)).toEqual(['alice at 1', 'carol']);
    expect(told(await listen(bob))).toEqual(['snapshot: alice, carol']);
    await see(alice, 'other', { taskId: 3 });
    await see(carol, 'other', { taskId: 3 });
    for (const each of [outside, inside]) await untilTold(each, 'updated carol at 3');
    expect(told(outside).slice(3)).toEqual(['updated alice at 3', 'updated carol at 3']);
    expect(told(inside).slice(3)).toEqual(['updated alice at 1,3', 'updated carol at 3']);
  });

  it('who may see a task is told with the next word of a page that is still at it', async () => {
    const user = newWorkspace();
    const [alice, bob] = [user('alice'), user('bob')];
    await create(alice, {});
    const [outside, inside] = [await listen(bob), await listen(alice)];
    await see(alice, 'page', { taskId: 1 });
    await stack.request(alice, 'PATCH', '/tasks/1', { visibility: 'private' });
    await see(alice, 'page', { taskId: 1 });
    await untilTold(outside, 'updated alice');
    await stack.request(alice, 'PATCH', '/tasks/1', { assignees: ['bob'] });
    await see(alice, 'page', { taskId: 1 });
    // Said again with nothing new it is nothing new.
    await see(alice, 'page', { taskId: 1 });
    await untilTold(outside, 'updated alice at 1');
    await see(bob, 'page');
    for (const each of [outside, inside]) await untilTold(each, 'joined bob');
    expect(told(outside)).toEqual([
      'snapshot: ',
      'joined alice at 1',
      'updated alice',
      'updated alice at 1',
      'joined bob',
    ]);
    expect(told(inside)).toEqual(['snapshot: ', 'joined alice at 1', 'joined bob']);
  });

  it('is nothing to the cursor, and neither in the history nor told to one who comes back', async () => {
    const user = newWorkspace();
    const [alice, bob] = [user('alice'), user('bob')];
    await create(bob, {});
    await stack.local.pump.drained();
    const watching = await listen(alice);
    const { cursor } = watching;
    await see(bob, 'page', { taskId: 1 });
    await type(stack, bob, 1);
    await untilTold(watching, 'typing.started bob 1');
    await untilTold(watching, 'joined bob at 1');
    expect(watching.cursor).toBe(cursor);
    const ofTransport = transport.name === 'a WebSocket' ? ['data', 'event', 'subscription'] : ['data'];
    expect(watching.fieldsOfOthers).toEqual(ofTransport);
    const { events } = (await stack.request(alice, 'GET', '/events')).body;
    expect(events).toMatchObject([{ type: 'task.created', taskId: 1 }]);
    watching.cut();
    const [silent, asking] = [await open(alice, { cursor }), await listen(alice, { cursor })];
    expect(told(asking)[0]).toBe('snapshot: bob at 1');
    await create(bob, { name: 'two' });
    for (const each of [silent, asking]) {
      await each.until(() => each.events.length > 0);
      expect(each.resumes).toEqual([{ complete: true }]);
      expect(each.events).toMatchObject([{ type: 'task.created', taskId: 2 }]);
    }
    expect(silent.others).toEqual([]);
  });

  it('another workspace hears nothing', async () => {
    const [here, there] = [newWorkspace(), newWorkspace()];
    for (const user of [here, there]) await create(user('bob'), {});
    const near = await listen(here('alice'));
    const far = await listen(there('alice', { admin: true }));
    await see(here('bob'), 'page', { taskId: 1 });
    await type(stack, here('bob'), 1);
    await untilTold(near, 'typing.started bob 1');
    await see(there('carol'), 'page');
    await untilTold(far, 'joined carol');
    expect(told(far)).toEqual(['snapshot: ', 'joined carol']);
    expect(await whoIsThere(stack, there('alice', { admin: true }))).toEqual(['carol']);
  });
});
