import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Who } from './stack.ts';
import { PageStream } from './page-stream.ts';
import { TestStack } from './stack.ts';
import type { ReceivedFrame } from './stream-client.ts';
import { StreamClient } from './stream-client.ts';

let stack: TestStack;
beforeAll(async () => {
  // Each cut leaves a stream behind that ends later: nothing tells the server.
  stack = await TestStack.start({ environment: { CONNECTIONS_PER_USER: '1000' } });
});
afterAll(() => stack.close());

const changes = (frames: readonly ReceivedFrame[]): ReceivedFrame[] =>
  frames.filter(({ event, data }) => event === undefined && data.type !== 'connection.established');

const finished = (frames: readonly ReceivedFrame[]): boolean =>
  frames.some(({ data }) => data.task?.name === 'the end');

/** Creates tasks with so many requests under way at a time. */
async function createTasks(who: Who, count: number, concurrency: number): Promise<void> {
  let next = 1;
  const work = async (): Promise<void> => {
    for (let number = next++; number <= count; number = next++) {
      const { status } = await stack.request(who, 'POST', '/tasks', { name: `task ${number}` });
      expect(status).toBe(201);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}

describe('resume', () => {
  it.each([
    ['the Last-Event-ID header', (id: string) => [{}, { 'last-event-id': id }]],
    ['the lastEventId parameter', (id: string) => [{ lastEventId: id }, {}]],
    ['the since parameter', (id: string) => [{ since: id }, {}]],
    [
      'the header before a stale parameter',
      (id: string) => [{ lastEventId: '0.1.0.0.000000000000' }, { 'last-event-id': id }],
    ],
    [
      'the last of several headers in one line',
      (id: string) => [{}, { 'last-event-id': `0.1.0.0.000000000000, ${id}` }],
    ],
    ['the last of several parameters', (id: string) => [{ lastEventId: `0.1.0.0.000000000000,${id},` }, {}]],
  ] as const)(
    'loses and doubles nothing when a stream is cut in a burst of 200 changes: by %s',
    async (how, by) => {
      const who = { sub: 'alice', workspace: `burst-${how.replaceAll(' ', '-')}` };
      const first = await stack.connect(who);
      const burst = createTasks(who, 200, 8);
      await first.until((frames) => changes(frames).length >= 70);
      first.cut();
      const seen = changes(first.frames);
      await burst;

      const [query, headers] = by(first.cursor);
      const second = await stack.connect(who, query, headers);
      await second.until((frames) => changes(frames).length >= 200 - seen.length);
      expect(second.frames[1]).toMatchObject({ event: 'resume', data: { complete: true } });
      const all = [...seen, ...changes(second.frames)];
      expect(all.map(({ data }) => data.taskId).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 200 }, (_, index) => index + 1),
      );
      expect(new Set(all.map(({ id }) => id)).size).toBe(200);

      // The order is the log's: whoever reads it again reads the same.
      const again = await stack.connect(who, { lastEventId: first.frames[0]!.id! });
      await again.until((frames) => changes(frames).length >= 200);
      expect(changes(again.frames).map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    },
  );

  it('does not lose a change that lands between two connections before any event was ever seen', async () => {
    for (const workspace of ['gap-without-log', 'gap-with-log']) {
      const who = { sub: 'alice', workspace };
      if (workspace === 'gap-with-log') await createTasks(who, 1, 1);
      await stack.local.pump.drained();
      const first = await stack.connect(who);
      first.cut();
      expect(first.frames).toHaveLength(1);
      await stack.request(who, 'POST', '/tasks', { name: 'in the gap' });
      await stack.local.pump.drained();
      const second = await stack.connect(who, {}, { 'last-event-id': first.cursor });
      await second.until((frames) => changes(frames).length === 1);
      expect(changes(second.frames)[0]!.data).toMatchObject({
        type: 'task.created',
        task: { name: 'in the gap' },
      });
    }
  });

  it('turns writes straight into the table into events', async () => {
    const who = { sub: 'alice', workspace: 'raw' };
    const stream = await stack.connect(who);
    const TableName = stack.local.tables['tasks'];
    const Key = { workspace: 'raw', id: 7 };
    const set = (UpdateExpression: string, value: unknown) =>
      stack.database.send(
        new UpdateCommand({
          TableName,
          Key,
          UpdateExpression,
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':value': value },
        }),
      );
    await stack.database.send(new PutCommand({ TableName, Item: { ...Key, name: 'raw' } }));
    await set('SET #status = :value', 'done');
    await set('SET #status = :value', 'lost');
    await stack.database.send(new DeleteCommand({ TableName, Key }));
    await stack.database.send(new PutCommand({ TableName, Item: { ...Key, name: 'again' } }));
    await stream.until(() => stream.events.some(({ task }) => task?.name === 'again'));
    expect(stream.withoutPings.slice(1).map(({ event, data }) => event ?? data.type)).toEqual([
      'task.created',
      'task.status_changed',
      'task.updated',
      // A status that is none cannot be told, nor what comes after it.
      'resume',
      'resume',
      'task.created',
    ]);
    expect(stream.frames.find(({ event }) => event === 'resume')!.data).toEqual({
      complete: false,
      reason: 'resync',
    });
  });

  it('says "load again" where the table has another stream than the one that the log has followed', async () => {
    const who = { sub: 'alice', workspace: 'another-stream' };
    await stack.request(who, 'POST', '/tasks', { name: 'before' });
    await stack.local.pump.drained();
    const stream = await stack.connect(who);
    await stack.database.send(
      new UpdateCommand({
        TableName: stack.local.tables['events'],
        Key: { workspace: who.workspace, segment: 0 },
        UpdateExpression: 'SET #stream = :label',
        ExpressionAttributeNames: { '#stream': 'stream' },
        ExpressionAttributeValues: { ':label': '2020-01-01T00:00:00.000' },
      }),
    );
    for (const name of ['first', 'second']) {
      await stack.request(who, 'POST', '/tasks', { name });
      await stack.local.pump.drained();
    }
    await stream.until(() => stream.events.length >= 2);
    expect(
      stream.withoutPings.slice(1).map(({ event, data }) => [event, data.reason ?? data.task.name]),
    ).toEqual([
      ['resume', 'resync'],
      [undefined, 'first'],
      [undefined, 'second'],
    ]);
  });

  it('gives 20 clients that are cut at random points exactly the log of 1,000 changes made at full speed', async () => {
    const who = { sub: 'alice', workspace: 'full-speed' };
    const token = await stack.local.issuer.sign(who);
    /** Reads to the end, cut at every point where `cutAfter` says so, and coming back with its cursor. */
    const follow = async (cutAfter: () => number): Promise<{ frames: ReceivedFrame[]; cuts: number }> => {
      const frames: ReceivedFrame[] = [];
      let cursor: string | undefined;
      for (let cuts = 0; ; cuts += 1) {
        let left = cutAfter();
        const headers: Record<string, string> = cursor === undefined ? {} : { 'last-event-id': cursor };
        const url = `${stack.local.url}/sse/connect?token=${token}`;
        const stream = await StreamClient.open(url, headers, (open) => {
          left -= 1;
          if (left <= 0) open.cut();
        });
        if (cuts === 0) await stream.until((seen) => seen.length > 0).catch(() => undefined);
        connected();
        await stream.until(finished).catch(() => undefined);
        stream.cut();
        frames.push(...changes(stream.frames));
        cursor = stream.frames.at(-1)?.id ?? cursor;
        if (finished(stream.frames)) return { frames, cuts };
      }
    };
    let missing = 21;
    const { promise: allConnected, resolve } = Promise.withResolvers<void>();
    const connected = (): void => {
      missing -= 1;
      if (missing === 0) resolve();
    };
    const whole = follow(() => Infinity);
    const clients = Array.from({ length: 20 }, () => follow(() => 2 + Math.floor(Math.random() * 120)));
    await allConnected;
    await createTasks(who, 1000, 16);
    await stack.request(who, 'POST', '/tasks', { name: 'the end' });

    const log = (await whole).frames.map(({ id, data }) => ({ id, taskId: data.taskId }));
    expect(log).toHaveLength(1001);
    expect(new Set(log.map(({ taskId }) => taskId)).size).toBe(1001);
    for (const { frames, cuts } of await Promise.all(clients)) {
      expect(cuts).toBeGreaterThan(3);
      expect(frames.map(({ id, data }) => ({ id, taskId: data.taskId }))).toEqual(log);
    }
  });
});

describe('the key of a log', () => {
  const keyOf = async (workspace: string): Promise<Record<string, unknown>> => {
    const key = { TableName: stack.local.tables['events'], Key: { workspace, segment: 0 } };
    return (await stack.database.send(new GetCommand({ ...key, ConsistentRead: true }))).Item!;
  };

  it('is one, whoever of many connects, lists and writes is the first', async () => {
    const workspace = 'first-of-many';
    const [connects, lists] = await Promise.all([
      Promise.all(
        Array.from({ length: 8 }, (_, index) => stack.connect({ sub: `user-${index}`, workspace })),
      ),
      Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          stack.request({ sub: `user-${index}`, workspace }, 'GET', '/tasks'),
        ),
      ),
      createTasks({ sub: 'writer', workspace }, 20, 8),
    ]);
    for (const [index, { body }] of lists.entries()) {
      connects[index]!.cut();
      for (const lastEventId of [connects[index]!.cursor, body.streamCursor as string]) {
        const again = await stack.connect({ sub: `user-${index}`, workspace }, { lastEventId });
        await again.until((frames) => frames.length > 1);
        expect(again.frames[1]).toMatchObject({ event: 'resume', data: { complete: true } });
        again.cut();
      }
    }
  });

  it('comes to a head of the first version, and appends that were under way leave it there', async () => {
    const who = { sub: 'alice', workspace: 'older' };
    await createTasks(who, 1, 1);
    await stack.local.pump.drained();
    const key = { TableName: stack.local.tables['events'], Key: { workspace: 'older', segment: 0 } };
    await stack.database.send(
      new UpdateCommand({
        ...key,
        UpdateExpression: 'REMOVE #key',
        ExpressionAttributeNames: { '#key': 'key' },
      }),
    );
    const before = await keyOf('older');
    const writes = createTasks(who, 60, 8);
    const streams = await Promise.all(Array.from({ length: 6 }, () => stack.connect(who)));
    await writes;
    await stack.local.pump.drained();
    const after = await keyOf('older');
    expect(after).toMatchObject({ log: before['log'], key: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) });
    for (const stream of streams) {
      stream.cut();
      const again = await stack.connect(who, { lastEventId: stream.frames[0]!.id! });
      await again.until((frames) => frames.length > 1);
      expect(again.frames[1]).toMatchObject({ event: 'resume', data: { complete: true } });
      again.cut();
    }
  });
});

describe('the end of a session', () => {
  it('is clean, tells its reason, and the next session goes on from the cursor', async () => {
    const short = await TestStack.start({ environment: { SESSION_SECONDS: '5' } });
    try {
      const who = { sub: 'alice', workspace: 'short' };
      const first = await short.connect(who);
      await short.request(who, 'POST', '/tasks', { name: 'one' });
      await first.ended;
      expect(first.frames.at(-1)).toMatchObject({
        event: 'end',
        data: { reason: 'session_length', reconnect: true },
      });
      await short.request(who, 'POST', '/tasks', { name: 'two' });
      // In the log before the second session begins, which has no time to wait for it.
      await short.local.pump.drained();
      const second = await short.connect(who, {}, { 'last-event-id': first.cursor });
      await second.until(() => second.events.some(({ task }) => task.name === 'two'));
      expect([...first.events, ...second.events].map(({ task }) => task.name)).toEqual(['one', 'two']);
    } finally {
      await short.close();
    }
  });

  it('comes when the token expires; an EventSource comes back once, and is refused in a way that its page sees', async () => {
    const who = { sub: 'alice', workspace: 'expiry', expiresIn: 10 };
    const token = await stack.local.issuer.sign(who);
    const page = new PageStream(`${stack.local.url}/sse/connect?token=${token}`);
    const stream = await stack.open(token);
    await stream.ended;
    const end = stream.frames.at(-1)!;
    expect(end).toMatchObject({ event: 'end', data: { reason: 'token_expired', reconnect: false } });
    expect(end.id).not.toMatch(/\.end$/);
    expect(stream.retry).toBeLessThanOrEqual(600);
    await page.until(() => !page.source.isAlive);
    expect([page.source.finalStatus, page.source.connections, page.reasons]).toEqual([
      401,
      1,
      ['token_expired'],
    ]);
  });

  it('leaves no place for streams of tokens that are about to expire', async () => {
    const token = await stack.local.issuer.sign({ sub: 'alice', workspace: 'expiry', expiresIn: 0 });
    const answer = await stack.send('GET', `/sse/connect?token=${token}`);
    expect(answer).toMatchObject({ status: 401, body: { code: 'token_expired' } });
  });
});
