import { heard, told, type, untilTold, view, watch } from './awareness.ts';
import type { Answered, Who } from './stack.ts';
import { TestStack } from './stack.ts';
import type { Subscribed } from './transports.ts';
import { transports } from './transports.ts';
import { newWorkspaces } from './workspaces.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start({ environment: { CONNECTIONS_PER_USER: '50' } });
});
afterAll(() => stack.close());

/** A user of a workspace that no other test has. */
const newWorkspace = newWorkspaces('typing');

const create = (who: Who, fields: object = {}): Promise<Answered> =>
  stack.request(who, 'POST', '/tasks', { name: 'one', ...fields });

/** Says that a user types at a task as soon as that may be said again. */
async function typeAgain(who: Who, taskId: number): Promise<Answered> {
  for (;;) {
    const answer = await type(stack, who, taskId);
    if (answer.status !== 429) return answer;
  }
}

describe.each(transports)('over $name', (transport) => {
  const listen = (who: Who): Promise<Subscribed> => watch(transport, stack, who);

  it('others are told once that somebody types, however often it is said, and that it has stopped', async () => {
    const user = newWorkspace();
    const [alice, bob] = [user('alice'), user('bob')];
    await create(alice);
    await create(alice, { name: 'two' });
    const [hers, his] = [await listen(alice), await listen(bob)];
    const first = await type(stack, bob, 1);
    expect(first).toMatchObject({ status: 200, body: { taskId: 1, typing: true } });
    const again = await typeAgain(bob, 1);
    expect(Date.parse(again.body.expiresAt)).toBeGreaterThan(Date.parse(first.body.expiresAt));
    await type(stack, bob, 1, false);
    // Who does not type cannot stop.
    await type(stack, bob, 1, false);
    await type(stack, alice, 2, false);
    await typeAgain(bob, 2);
    await type(stack, alice, 1, true);
    await untilTold(hers, 'typing.started bob 2');
    await untilTold(his, 'typing.started alice 1');
    await view(stack, bob, 'page');
    for (const each of [hers, his]) await untilTold(each, 'joined bob');
    expect(told(hers)).toEqual([
      'snapshot: ',
      'typing.started bob 1',
      'typing.stopped bob 1',
      'typing.started bob 2',
      'joined bob',
    ]);
    expect(told(his)).toEqual(['snapshot: ', 'typing.started alice 1', 'joined bob']);
    expect(heard(hers).slice(1, 3)).toEqual([
      {
        type: 'typing.started',
        taskId: 1,
        userId: 'bob',
        expiresAt: first.body.expiresAt,
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      },
      {
        type: 'typing.stopped',
        taskId: 1,
        userId: 'bob',
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
  });

  it('a user types at one task at a time', async () => {
    const user = newWorkspace();
    const [alice, bob] = [user('alice'), user('bob')];
    await create(alice);
    await create(alice, { name: 'two' });
    const hers = await listen(alice);
    await type(stack, bob, 1);
    await typeAgain(bob, 2);
    await untilTold(hers, 'typing.started bob 2');
    // It types there no more.
    await type(stack, bob, 1, false);
    await type(stack, bob, 2, false);
    await untilTold(hers, 'typing.stopped bob 2');
    expect(told(hers)).toEqual([
      'snapshot: ',
      'typing.started bob 1',
      'typing.stopped bob 1',
      'typing.started bob 2',
      'typing.stopped bob 2',
    ]);
  });

  it('who comes is told who types already, after who is there', async () => {
    const user = newWorkspace();
    await create(user('alice'));
    await view(stack, user('bob'), 'page', { taskId: 1 });
    await type(stack, user('bob'), 1);
    const late = await listen(user('alice'));
    await untilTold(late, 'typing.started bob 1');
    expect(told(late)).toEqual(['snapshot: bob at 1', 'typing.started bob 1']);
  });

  it('is told to those alone who may see the task', async () => {
    const user = newWorkspace();
    const [alice, bob, carol] = [user('alice'), user('bob'), user('carol')];
    const root = user('root', { admin: true });
    await create(alice, { visibility: 'private', assignees: ['carol'] });
    await create(alice);
    const outside = await listen(bob);
    const inside = await Promise.all([carol, root].map(listen));
    await type(stack, alice, 1);
    for (const id of [1, 9]) {
      const { status, body } = await type(stack, bob, id);
      expect({ status, code: body.code }).toEqual({ status: 404, code: 'task_not_found' });
    }
    // The refusal was none that counts.
    expect(await type(stack, bob, 2)).toMatchObject({ status: 200 });
    await type(stack, alice, 1, false);
    await typeAgain(alice, 2);
    await untilTold(outside, 'typing.started alice 2');
    expect(told(outside)).toEqual(['snapshot: ', 'typing.started alice 2']);
    for (const each of inside) {
      await untilTold(each, 'typing.started alice 2');
      expect(told(each)).toEqual([
        'snapshot: ',
        'typing.started alice 1',
        'typing.started bob 2',
        'typing.stopped alice 1',
        'typing.started alice 2',
      ]);
    }
  });
});

it('over an event stream, who says no more has stopped when the last that was said has ended', async () => {
  const user = newWorkspace();
  await create(user('alice'));
  const [stream] = transports;
  const watching = await watch(stream!, stack, user('alice'));
  await type(stack, user('bob'), 1);
  const { body: again } = await typeAgain(user('bob'), 1);
  const { body: other } = await type(stack, user('carol'), 1);
  await untilTold(watching, 'typing.stopped bob 1');
  await untilTold(watching, 'typing.stopped carol 1');
  for (const [userId, { expiresAt }] of [
    ['bob', again],
    ['carol', other],
  ] as const) {
    const frames = watching.others.filter((event) => event.userId === userId);
    expect(frames.map((event) => event.type)).toEqual(['typing.started', 'typing.stopped']);
    // Both times are of one clock, that of the machine.
    expect(Date.parse(frames[1]!.timestamp)).toBeGreaterThanOrEqual(Date.parse(expiresAt));
  }
});

it('may be said once a second, of whatever tasks', async () => {
  const user = newWorkspace();
  for (const name of ['one', 'two']) await create(user('alice'), { name });
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => type(stack, user('bob'), 1 + (index % 2))),
  );
  const refused = answers.filter(({ status }) => status === 429);
  const taken = answers.filter(({ status }) => status === 200);
  expect(refused.length + taken.length).toBe(answers.length);
  expect(refused.length).toBeGreaterThan(0);
  for (const { body, headers } of refused) {
    expect({ code: body.code, retryAfter: headers.get('retry-after') }).toEqual({
      code: 'throttled',
      retryAfter: '1',
    });
  }
  // However slow the machine: by the server's clock, those that were taken are a second apart, but for a tenth of it.
  const times = taken.map(({ body }) => Date.parse(body.expiresAt)).toSorted((a, b) => a - b);
  for (const [index, time] of times.slice(1).entries())
    expect(time - times[index]!).toBeGreaterThanOrEqual(900);
  // Another user is not held up by it, and to stop is always heard.
  expect(await type(stack, user('carol'), 1)).toMatchObject({ status: 200 });
  expect(await type(stack, user('bob'), 1, false)).toMatchObject({ status: 200 });
});
