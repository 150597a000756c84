import { TestStack } from '../stack.ts';
import type { StreamClient } from '../stream-client.ts';

const workspace = 'odd';
const boss = { sub: 'boss', workspace, admin: true };

/** User ids that a token may have. Many would be somebody else's, or bookkeeping, if keys were put together carelessly. */
const usable = [
  'alice',
  'alice#',
  'alice#x',
  'alice%23',
  'alice/x',
  'Alice',
  '#',
  '##',
  '#revocation#alice#',
  '%',
  '%00',
  '/',
  '..',
  '../alice',
  '\\',
  '"',
  "' OR 1=1 --".replaceAll(' ', '+'),
  '{"S":"alice"}',
  '*',
  '~',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'x'.repeat(127),
  'x'.repeat(128),
];

const unusable = [
  '',
  ' ',
  'alice ',
  'a b',
  'älice',
  'аlice',
  '😀',
  '\u202Ealice',
  '\ufeffalice',
  'a\nb',
  'alice\0',
  'alice\u007f',
  'x'.repeat(129),
];

interface OddUser {
  readonly token: string;
  readonly stream: StreamClient;
  /** Id of its stream. */
  readonly connectionId: string;
  /** Id of its private task. */
  readonly taskId: number;
}

let stack: TestStack;
/** All at once: each has a stream that is open and a task while the others act. */
const users = new Map<string, OddUser>();

beforeAll(async () => {
  stack = await TestStack.start();
  for (const sub of usable) {
    const token = await stack.local.issuer.sign({ sub, workspace });
    const stream = await stack.open(token, { lease: '300' });
    const { body } = await ask(token, 'POST', '/tasks', { name: sub, visibility: 'private' });
    const { connectionId } = stream.frames[0]!.data;
    users.set(sub, { token, stream, connectionId, taskId: body.task.id });
  }
});
afterAll(() => stack.close());

const ask = (token: string, method: string, path: string, body?: object): ReturnType<TestStack['send']> =>
  stack.send(method, path, {
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
/** Who has a stream open, as an admin sees it. */
const connected = async (): Promise<string[]> =>
  (await stack.request(boss, 'GET', '/sse/stats')).body.connections.map(
    ({ userId }: { userId: string }) => userId,
  );

describe('a user has its own things and reaches nothing of another', () => {
  it.each(usable)('%s', async (sub) => {
    const { token, stream, connectionId, taskId } = users.get(sub)!;
    expect(stream.frames[0]!.data).toMatchObject({ type: 'connection.established', userId: sub });
    const list = await ask(token, 'GET', '/tasks');
    expect(list.body.tasks).toEqual([expect.objectContaining({ id: taskId, name: sub, created_by: sub })]);
    await stream.until(() => stream.events.length > 0);
    expect(stream.events.map((event) => event.taskId)).toEqual([taskId]);
    expect((await ask(token, 'POST', '/sse/lease', { connectionId })).status).toBe(200);
    expect((await ask(token, 'POST', '/sse/revocations', { userId: sub })).status).toBe(403);
    // One after another: a hundred requests at once are more than a busy machine answers in time.
    for (const theirs of users.values()) {
      if (theirs.token === token) continue;
      const body = { connectionId: theirs.connectionId };
      const answers = await Promise.all([
        ask(token, 'GET', `/tasks/${theirs.taskId}`),
        ask(token, 'POST', '/sse/lease', body),
        ask(token, 'DELETE', `/sse/connections/${theirs.connectionId}`),
        // It says that the stream is gone, whoever's it was.
        ask(token, 'POST', '/sse/disconnect', body),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 200]);
    }
    expect((await connected()).toSorted()).toEqual(usable.toSorted());
  });
});

describe('a revocation is of one user', () => {
  const left = new Set(usable);

  it.each(usable)('%s', async (sub) => {
    const { token } = users.get(sub)!;
    left.delete(sub);
    const revoked = await stack.request(boss, 'POST', '/sse/revocations', { userId: sub });
    expect(revoked).toMatchObject({ status: 200, body: { userId: sub, connectionsEnded: 1 } });
    expect(new Set(await connected())).toEqual(left);
    expect(await ask(token, 'GET', '/tasks')).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
    for (const other of left) expect((await ask(users.get(other)!.token, 'GET', '/tasks')).status).toBe(200);
  });

  it('ends all streams of each user whose rights are revoked', async () => {
    const streams = [...users.values()].map(({ stream }) => stream);
    await Promise.all(streams.map((stream) => stream.ended));
    const reasons = streams.map(({ frames }) => frames.at(-1)!.data.reason);
    expect(reasons).toEqual(streams.map(() => 'revoked'));
  });
});

describe('a name that no token may have gets nothing at all', () => {
  it.each(unusable)('%j', async (sub) => {
    const { connectionId } = users.get('alice')!;
    const token = await stack.local.issuer.sign({ sub, workspace, admin: true });
    const answers = [
      await ask(token, 'GET', '/tasks'),
      await ask(token, 'POST', '/tasks', { name: 'x' }),
      await stack.send('GET', `/sse/connect?token=${token}`),
      await ask(token, 'GET', '/sse/stats'),
      await ask(token, 'POST', '/sse/disconnect', { connectionId }),
      await ask(token, 'POST', '/sse/lease', { connectionId }),
      await ask(token, 'DELETE', `/sse/connections/${connectionId}`),
      await ask(token, 'POST', '/sse/revocations', { userId: 'boss' }),
    ];
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 401, body: { code: 'token_unusable' } });
    }
    const named = await stack.request(boss, 'POST', '/sse/revocations', { userId: sub });
    expect(named).toMatchObject({ status: 400, body: { code: 'invalid_field' } });
  });
});
