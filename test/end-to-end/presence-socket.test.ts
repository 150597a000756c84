import { told, type, untilTold, view, watch, whoIsThere } from './awareness.ts';
import { SocketStream } from './socket-stream.ts';
import type { Who } from './stack.ts';
import { TestStack } from './stack.ts';
import type { Subscribed } from './transports.ts';
import { transports } from './transports.ts';

/** How far ahead the clock of the WebSocket's function is, milliseconds; a process has it when it starts. */
let aheadMs = 0;

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start({ clockSkewMs: (name) => (name === 'websocket' ? aheadMs : 0) });
});
afterAll(() => stack.close());

/** A user of a workspace that no other test has, where there is a task, and a private one. */
let workspaces = 0;
async function newWorkspace(): Promise<(sub: string) => Who> {
  workspaces += 1;
  const workspace = `presence-socket-${workspaces}`;
  for (const visibility of ['workspace', 'private']) {
    await stack.request({ sub: 'owner', workspace }, 'POST', '/tasks', { name: 'one', visibility });
  }
  return (sub) => ({ sub, workspace });
}

const open = async (who: Who, options = {}): Promise<SocketStream> =>
  SocketStream.open(
    `ws://localhost:${stack.local.port}/ws?token=${await stack.local.issuer.sign(who)}`,
    options,
  );

/** Puts the clock of the WebSocket's function ahead from now on, with another process. */
async function putAhead(milliseconds: number): Promise<void> {
  aheadMs = milliseconds;
  const { process } = stack.local.functions.find(({ name }) => name === 'websocket')!;
  await process.crash();
  await process.start();
}

/** By a stream, which tells of each change for itself. */
const watchOver = (who: Who): Promise<Subscribed> => watch(transports[0]!, stack, who);

/** What a socket was sent under some names, without times and sentences. */
const answers = (socket: SocketStream, names: readonly string[]): unknown[] =>
  socket.received
    .filter(({ event }) => names.includes(event))
    .map(({ event, subscription, data: { viewId, taskId, typing, code } }) =>
      Object.fromEntries(
        Object.entries({ event, subscription, viewId, taskId, typing, code }).filter(
          ([, value]) => value !== undefined,
        ),
      ),
    );

describe('over a WebSocket', () => {
  it('a page says how it is seen, and that its user types, and is answered', async () => {
    const user = await newWorkspace();
    const [watching, socket] = [await watchOver(user('alice')), await open(user('bob'))];
    const began = Date.now();
    const { connectionId } = socket.received[0]!.data;
    socket.say({ action: 'presence', subscription: '1', state: 'active', taskId: 1, lease: 10 });
    socket.say({ action: 'typing', taskId: 1 });
    await socket.until(() => answers(socket, ['presence', 'typing']).length >= 2);
    socket.say({ action: 'typing', taskId: 1, typing: false });
    socket.say({ action: 'presence', state: 'active', viewId: 'other' });
    await socket.until(() => answers(socket, ['presence', 'typing']).length >= 4);
    expect(answers(socket, ['error'])).toEqual([]);
    expect(answers(socket, ['presence'])).toEqual([
      { event: 'presence', subscription: '1', viewId: connectionId },
      { event: 'presence', viewId: 'other' },
    ]);
    expect(answers(socket, ['typing'])).toEqual([
      { event: 'typing', taskId: 1, typing: true },
      { event: 'typing', taskId: 1, typing: false },
    ]);
    const noted = socket.received.find(({ event }) => event === 'presence');
    expect(Date.parse(noted!.data.expiresAt)).toBeGreaterThanOrEqual(began + 10_000);
    expect(Object.keys(noted!).toSorted()).toEqual(['data', 'event', 'subscription']);
    await untilTold(watching, 'typing.stopped bob 1');
    await untilTold(watching, 'joined bob at 1');
    expect(await whoIsThere(stack, user('alice'))).toEqual(['bob at 1']);
    socket.cut();
  });

  it('a page that closes leaves, and others of its user stay', async () => {
    const user = await newWorkspace();
    const watching = await watchOver(user('alice'));
    const [first, second] = [await open(user('bob')), await open(user('bob'))];
    first.say({ action: 'presence', state: 'active', taskId: 1 });
    await untilTold(watching, 'joined bob at 1');
    second.say({ action: 'presence', state: 'hidden' });
    await second.until(() => answers(second, ['presence']).length > 0);
    first.cut();
    await untilTold(watching, 'updated bob hidden');
    await view(stack, user('bob'), 'page');
    second.cut();
    await view(stack, user('bob'), 'page', { state: 'left' });
    await untilTold(watching, 'left bob');
    expect(told(watching).slice(0, 3)).toEqual(['snapshot: ', 'joined bob at 1', 'updated bob hidden']);
    expect(await whoIsThere(stack, user('alice'))).toEqual([]);
  });

  it('what is wrong is answered with an error and changes nothing', async () => {
    const user = await newWorkspace();
    const [watching, socket] = [await watchOver(user('alice')), await open(user('bob'))];
    const wrong = [
      ['invalid_field', { action: 'presence' }],
      ['invalid_field', { action: 'presence', state: 'away' }],
      ['invalid_field', { action: 'presence', state: 'active', lease: 9 }],
      ['invalid_field', { action: 'presence', state: 'active', viewId: 'a b' }],
      ['unknown_field', { action: 'presence', state: 'active', cursor: 'x' }],
      ['task_not_found', { action: 'presence', state: 'active', taskId: 2 }],
      ['task_not_found', { action: 'presence', state: 'active', taskId: 99 }],
      ['invalid_field', { action: 'typing' }],
      ['invalid_field', { action: 'typing', taskId: 'x' }],
      ['invalid_field', { action: 'typing', taskId: 1, typing: 1 }],
      ['unknown_field', { action: 'typing', taskId: 1, state: 'active' }],
      ['task_not_found', { action: 'typing', taskId: 2 }],
      ['task_not_found', { action: 'typing', taskId: 99 }],
    ] as const;
    for (const [index, [code, message]] of wrong.entries()) {
      const subscription = `wrong-${index}`;
      socket.say({ ...message, subscription });
      await socket.until(() => answers(socket, ['error']).length > index);
      expect(answers(socket, ['error']).at(-1)).toEqual({ event: 'error', subscription, code });
    }
    for (let times = 0; times < 20; times += 1) socket.say({ action: 'typing', taskId: 1 });
    await socket.until(() => answers(socket, ['error', 'typing']).length === wrong.length + 20);
    expect(answers(socket, ['error']).at(-1)).toMatchObject({ code: 'throttled' });
    await untilTold(watching, 'typing.started bob 1');
    expect(await whoIsThere(stack, user('alice'))).toEqual([]);
    await view(stack, user('alice'), 'page');
    await untilTold(watching, 'joined alice');
    expect(told(watching)).toEqual(['snapshot: ', 'typing.started bob 1', 'joined alice']);
    socket.cut();
  });

  it('a subscription that takes the place of one begins with a snapshot, or hears nothing more', async () => {
    const user = await newWorkspace();
    await view(stack, user('bob'), 'page');
    const socket = await open(user('alice'), { presence: true });
    const ofOthers = (subscription: string): string[] =>
      socket.received
        .filter(({ subscription: name, data }) => name === subscription && /^presence|typing/.test(data.type))
        .map(({ data }) => data.type as string);
    await socket.until(() => ofOthers('1').length > 0);
    socket.subscribe({ presence: true });
    await socket.until(() => ofOthers('2').length > 0);
    await view(stack, user('bob'), 'page', { state: 'hidden' });
    await socket.until(() => ofOthers('2').length > 1);
    socket.subscribe({});
    await socket.until(() => socket.received.filter(({ event }) => event === 'live').length === 3);
    await view(stack, user('bob'), 'page', { state: 'left' });
    await type(stack, user('bob'), 1);
    const { body } = await stack.request(user('bob'), 'POST', '/tasks', { name: 'last' });
    await socket.until(() => socket.events.some(({ taskId }) => taskId === body.task.id));
    expect(ofOthers('1')).toEqual(['presence.snapshot']);
    expect(ofOthers('2')).toEqual(['presence.snapshot', 'presence.updated']);
    expect(ofOthers('3')).toEqual([]);
    socket.cut();
  });

  it('a ping looks after whoever has gone without a word', async () => {
    const user = await newWorkspace();
    const socket = await open(user('alice'), { presence: true });
    await view(stack, user('bob'), 'page', { lease: 10 });
    await putAhead(15_000);
    socket.ping();
    await socket.until(() => socket.received.some(({ data }) => data.type === 'presence.left'));
    expect(socket.received.filter(({ data }) => data.type === 'presence.left')).toMatchObject([
      { data: { userId: 'bob' } },
    ]);
    await putAhead(0);
    expect(await whoIsThere(stack, user('alice'))).toEqual([]);
    socket.cut();
  });
});

it('over an event stream nobody has to say anything for a lease to end', async () => {
  const user = await newWorkspace();
  const watching = await watchOver(user('alice'));
  const { body } = await stack.request(user('bob'), 'POST', '/presence', {
    viewId: 'page',
    state: 'active',
    lease: 10,
  });
  await untilTold(watching, 'left bob');
  expect(told(watching)).toEqual(['snapshot: ', 'joined bob', 'left bob']);
  expect(Date.parse(watching.others.at(-1)!.timestamp)).toBeGreaterThanOrEqual(Date.parse(body.expiresAt));
});
