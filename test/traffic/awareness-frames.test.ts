import { awarenessTypes } from '../../protocol/awareness.ts';
import { TestStack } from '../end-to-end/stack.ts';
import type { ReceivedSocketFrame } from '../../faults/board/follower.ts';
import { SocketClient } from '../socket-client.ts';
import { takeMismatches } from './watch.ts';

const alice = { sub: 'alice', workspace: 'awareness' };
const bob = { sub: 'bob', workspace: 'awareness' };

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
  await stack.request(alice, 'POST', '/tasks', { name: 'x' });
});
afterAll(() => stack.close());

const say = (body: object): Promise<unknown> => stack.request(alice, 'POST', '/presence', body);
const type = (body: object): Promise<unknown> => stack.request(alice, 'POST', '/tasks/1/typing', body);

describe('what is served about users is in docs/openapi.json:', () => {
  const page = { viewId: 'one', state: 'active', taskId: 1 };

  it('answers', async () => {
    const token = await stack.local.issuer.sign(alice);
    const text = { 'content-type': 'text/plain' };
    const answers = [
      await stack.request(alice, 'POST', '/presence', page),
      await stack.request(bob, 'GET', '/presence'),
      await stack.request(alice, 'POST', '/tasks/1/typing'),
      await stack.request(alice, 'POST', '/tasks/1/typing', { typing: false }, text),
      await stack.send('POST', '/presence', {
        headers: text,
        body: JSON.stringify({ ...page, state: 'left', lease: 10, token }),
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(takeMismatches()).toEqual([]);
  });

  it.each([
    ['/presence', '{', {}, 'invalid_json'],
    ['/presence', { ...page, state: 'gone' }, {}, 'invalid_field'],
    ['/presence', { ...page, colour: 'red' }, {}, 'unknown_field'],
    ['/presence', { ...page, taskId: 999 }, {}, 'task_not_found'],
    ['/presence', ' '.repeat(65 * 1024), {}, 'payload_too_large'],
    ['/presence', page, { 'content-type': 'text/html' }, 'unsupported_media_type'],
    ['/tasks/1/typing', '{', {}, 'invalid_json'],
    ['/tasks/1/typing', { typing: 'yes' }, {}, 'invalid_field'],
    ['/tasks/1/typing', { taskId: 1 }, {}, 'unknown_field'],
    ['/tasks/0/typing', {}, {}, 'invalid_task_id'],
    ['/tasks/999/typing', {}, {}, 'task_not_found'],
    ['/tasks/1/typing', ' '.repeat(65 * 1024), {}, 'payload_too_large'],
    ['/tasks/1/typing', {}, { 'content-type': 'text/html' }, 'unsupported_media_type'],
  ])('POST %s with %j %j is %s', async (path, body, headers, code) => {
    const answer = await stack.request(alice, 'POST', path, body, headers);
    expect(answer.body).toMatchObject({ code });
    expect(takeMismatches()).toEqual([]);
  });

  it('POST /tasks/1/typing twice at once is throttled', async () => {
    const carol = { ...alice, sub: 'carol' };
    await stack.request(carol, 'POST', '/tasks/1/typing', '');
    const { status } = await stack.request(carol, 'POST', '/tasks/1/typing', {});
    expect(status).toBe(429);
    expect(takeMismatches()).toEqual([]);
  });
});

describe('what is told of users is in docs/asyncapi.json, frame by frame:', () => {
  it('on streams, with names and without', async () => {
    const streams = [
      await stack.connect(bob, { presence: 'true' }),
      await stack.connect(bob, { presence: 'true', named: 'true' }),
    ] as const;
    const hears = async (event: string): Promise<unknown> =>
      Promise.all(
        streams.map((each) => each.until((frames) => frames.some(({ data }) => data.type === event))),
      );
    await hears('presence.snapshot');
    await say({ viewId: 'two', state: 'active' });
    await hears('presence.joined');
    await say({ viewId: 'two', state: 'active', taskId: 1 });
    await hears('presence.updated');
    await type({ typing: true });
    await hears('typing.started');
    await type({ typing: false });
    await hears('typing.stopped');
    await say({ viewId: 'two', state: 'left' });
    await hears('presence.left');
    for (const [index, { frames }] of streams.entries()) {
      const ofUsers = frames.filter(({ data }) => awarenessTypes.includes(data.type));
      expect(new Set(ofUsers.map(({ data }) => data.type))).toEqual(new Set(awarenessTypes));
      for (const { id, event, data } of ofUsers)
        expect({ id, event }).toEqual({ id: undefined, event: index === 0 ? undefined : data.type });
    }
    expect(takeMismatches()).toEqual([]);
  });

  it('on WebSockets, where they are said too', async () => {
    const open = async (who: typeof alice): Promise<SocketClient> => {
      const token = await stack.local.issuer.sign(who);
      return SocketClient.open(`ws://localhost:${stack.local.port}/ws?token=${token}`);
    };
    const [hearer, sayer] = [await open(bob), await open(alice)];
    const until = async (client: SocketClient, name: string): Promise<void> => {
      for (;;) {
        const { event, data } = (await client.nextJson()) as ReceivedSocketFrame;
        if ((event === 'message' ? data.type : event) === name) return;
      }
    };
    const tell = async (message: object, answer: string): Promise<void> => {
      sayer.send(JSON.stringify(message));
      await until(sayer, answer);
    };
    hearer.send(JSON.stringify({ action: 'subscribe', subscription: '1', presence: true }));
    await until(hearer, 'presence.snapshot');
    await tell({ action: 'presence', state: 'active', viewId: 'three', lease: 10 }, 'presence');
    await until(hearer, 'presence.joined');
    await tell({ action: 'presence', state: 'active', taskId: 1, subscription: 'mine' }, 'presence');
    await until(hearer, 'presence.updated');
    await tell({ action: 'presence', state: 'active', taskId: 999 }, 'error');
    await tell({ action: 'typing', taskId: 1 }, 'typing');
    await until(hearer, 'typing.started');
    await tell({ action: 'typing', taskId: 1 }, 'error');
    await tell({ action: 'typing', taskId: 1, typing: false }, 'typing');
    await until(hearer, 'typing.stopped');
    await tell({ action: 'presence', state: 'left', viewId: 'three' }, 'presence');
    // Its own page goes with it.
    await sayer.close();
    await until(hearer, 'presence.left');
    await hearer.close();
    expect(takeMismatches()).toEqual([]);
  });
});
