import { randomBytes, randomUUID } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { appendBatch } from '../../core/log/append.ts';
import { EventLog, newLog } from '../../lambdas/shared/dynamodb/event-log.ts';
import type { ConsumedCapacity } from '../../local/data/consumed-capacity.ts';
import { sampleTask } from '../core/task-samples.ts';
import type { Answered, Who } from './stack.ts';
import { TestStack } from './stack.ts';

/**
 * What one request reads and writes at the most, in units as the database counts them, of all tables together: the numbers
 * of "What a request costs" in docs/PROTOCOL.md. None of them may grow with the tasks, the history, the streams or the
 * past of whoever asks; each workspace here has more of it than the ceiling lets through.
 */
interface Route {
  readonly name: string;
  /** The function whose units count. */
  readonly by: 'tasks' | 'stream' | 'connections';
  readonly ceiling: { readonly reads: number; readonly writes: number };
  /** Does the request, and resolves when the function is done with it. */
  readonly ask: () => Promise<unknown>;
}

/** Tasks of 10 KB: to read them all costs 500 units. */
const sampleTasks = 200;
/** Segments of 45 KB, compressed: to read them all costs 224 units, or twice that. */
const segments = 40;
/** Tasks of 53 KB, each of which was logged once: to look them all up costs 560 units, and to read the log as much again. */
const largeTasks = 40;

const owner: Who = { sub: 'owner', workspace: 'many-tasks' };
const admin: Who = { sub: 'admin', workspace: 'many-tasks', admin: true };
const reader: Who = { sub: 'reader', workspace: 'long-history' };
const latecomer: Who = { sub: 'latecomer', workspace: 'large-tasks' };

let stack: TestStack;
let consumed: ConsumedCapacity[] = [];
let oldCursor: string;
let readersTicket: string;
const sessions = { ended: 0, onEnd: (): void => undefined };

beforeAll(async () => {
  stack = await TestStack.start({
    // As deployed stages poll.
    environment: { SESSION_SECONDS: '5', POLL_MIN_MS: '250', POLL_MAX_MS: '1000' },
    onCapacity: (one) => consumed.push(one),
    onLog: ({ text }) => {
      if (!text.includes('session ended')) return;
      sessions.ended += 1;
      sessions.onEnd();
    },
  });
  await Promise.all([fillTasks(), fillHistory()]);
  await fillLargeTasks();
  await stack.local.pump.drained();
  readersTicket = await stack.ticketFor(await stack.local.issuer.sign(reader));
});
afterAll(() => stack.close());

async function fillTasks(): Promise<void> {
  const description = 'x'.repeat(9700);
  const TableName = stack.local.tables['tasks'];
  const put = (id: number): Promise<unknown> =>
    stack.database.send(
      new PutCommand({
        TableName,
        Item: { workspace: 'many-tasks', id, name: `task ${id}`, description, created_by: 'owner' },
      }),
    );
  for (let id = 1; id <= sampleTasks; id += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, index) => put(id + index)));
  }
}

async function fillLargeTasks(): Promise<void> {
  for (let id = 1; id <= largeTasks; id += 1) {
    const description = randomBytes(40_000).toString('base64');
    const Item = { workspace: 'large-tasks', id, name: 'large', description, created_by: 'owner' };
    await stack.database.send(new PutCommand({ TableName: stack.local.tables['tasks'], Item }));
  }
}

async function fillHistory(): Promise<void> {
  const ended = sessionsEnd();
  const stream = await stack.connect(reader);
  oldCursor = stream.cursor;
  // Else its process would remember what it has seen of the history.
  const { connectionId } = stream.frames[0]!.data;
  await stack.request(reader, 'POST', '/sse/disconnect', { connectionId });
  await ended;
  const log = new EventLog(stack.database, stack.local.tables['events']!);
  const options = { now: Date.now, newLog, historySeconds: 86_400 };
  for (let source = 1; source <= segments; source += 1) {
    const description = randomBytes(45_000).toString('base64');
    const task = sampleTask({ id: source, name: 'long', description });
    const changes = [
      { kind: 'task' as const, source: String(source), at: Date.now(), task: source, after: task },
    ];
    await appendBatch(log, { workspace: 'long-history', stream: 'seed', changes }, options);
  }
}

/** Resolves when so many more sessions have ended than had when it was called. */
function sessionsEnd(more = 1): Promise<void> {
  const wanted = sessions.ended + more;
  return new Promise((resolve) => {
    sessions.onEnd = () => {
      if (sessions.ended >= wanted) resolve();
    };
  });
}

/** A stream that its client leaves at the first byte; nobody tells the function. */
async function connectAndLeave(query: Readonly<Record<string, string>>, who = reader): Promise<void> {
  const ended = sessionsEnd();
  const stream = await stack.openWith({
    ...(!('ticket' in query) && { token: await stack.local.issuer.sign(who) }),
    ...query,
  });
  stream.cut();
  await ended;
}

/** A ticket that is refused. */
async function expectNoStream(ticket: string, code: string): Promise<void> {
  const answer = await stack.send('GET', `/sse/connect?ticket=${ticket}`);
  expect(answer).toMatchObject({ status: 401, body: { code } });
}

/** A request that is to be answered with a status; gives the body. */
async function expectStatus(
  status: number,
  ...request: Parameters<TestStack['request']>
): Promise<Answered['body']> {
  const answer = await stack.request(...request);
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code: undefined });
  return answer.body;
}

/** Does something with the stream of a user, which a lease keeps. */
async function withStream(act: (connectionId: string) => Promise<unknown>): Promise<void> {
  const stream = await stack.connect(reader, { lease: '10' });
  await act(stream.frames[0]!.data.connectionId);
  stream.cut();
}

/** What a function has read and written since the count began. */
function countedOf(by: Route['by']): { reads: number; writes: number } {
  const own = consumed.filter(({ functionName }) => functionName === by);
  return {
    reads: own.reduce((sum, { readUnits }) => sum + readUnits, 0),
    writes: own.reduce((sum, { writeUnits }) => sum + writeUnits, 0),
  };
}

const name = 'a task of the usual kind';
const routes: readonly Route[] = [
  {
    name: 'GET /tasks',
    by: 'tasks',
    ceiling: { reads: 150, writes: 1 },
    ask: () => expectStatus(200, owner, 'GET', '/tasks'),
  },
  {
    name: 'GET /tasks that matches nothing',
    by: 'tasks',
    ceiling: { reads: 150, writes: 1 },
    ask: () => expectStatus(200, owner, 'GET', '/tasks?limit=1&status=archived'),
  },
  {
    name: 'GET /tasks/{id}',
    by: 'tasks',
    ceiling: { reads: 5, writes: 0 },
    ask: () => expectStatus(200, owner, 'GET', '/tasks/7'),
  },
  {
    name: 'POST /tasks',
    by: 'tasks',
    // The ids that were written past the counter are skipped once.
    ceiling: { reads: 5, writes: 8 },
    ask: () => expectStatus(201, owner, 'POST', '/tasks', { name }),
  },
  {
    name: 'POST /tasks with an Idempotency-Key',
    by: 'tasks',
    ceiling: { reads: 5, writes: 10 },
    ask: () => expectStatus(201, owner, 'POST', '/tasks', { name }, { 'idempotency-key': 'once' }),
  },
  {
    name: 'PATCH /tasks/{id}',
    by: 'tasks',
    // Of a task of 10 KB: what a write costs goes by the size of the one task that it is about.
    ceiling: { reads: 5, writes: 11 },
    ask: () => expectStatus(200, owner, 'PATCH', '/tasks/8', { priority: 1 }),
  },
  {
    name: 'DELETE /tasks/{id}',
    by: 'tasks',
    ceiling: { reads: 5, writes: 11 },
    ask: () => expectStatus(200, owner, 'DELETE', '/tasks/9'),
  },
  // Before the streams that open: the items of those go after their sessions have ended.
  {
    name: 'GET /sse/connect by a ticket that nobody was given',
    by: 'stream',
    ceiling: { reads: 1, writes: 0 },
    ask: () => expectNoStream(`${'a'.repeat(43)}.zzzzzz`, 'token_invalid'),
  },
  {
    name: 'GET /sse/connect by a ticket that has expired',
    by: 'stream',
    ceiling: { reads: 0, writes: 0 },
    ask: () => expectNoStream(`${'a'.repeat(43)}.100000`, 'token_expired'),
  },
  {
    name: 'GET /sse/connect by a ticket that is none',
    by: 'stream',
    ceiling: { reads: 0, writes: 0 },
    ask: () => expectNoStream('none', 'token_malformed'),
  },
  {
    name: 'GET /sse/connect that goes on where it was, dropped at its first byte',
    by: 'stream',
    ceiling: { reads: 90, writes: 10 },
    ask: () => connectAndLeave({ lastEventId: oldCursor }),
  },
  {
    name: 'GET /sse/connect, for five seconds',
    by: 'stream',
    ceiling: { reads: 40, writes: 10 },
    ask: () => connectAndLeave({}),
  },
  {
    name: 'GET /sse/connect by a ticket, for five seconds',
    by: 'stream',
    ceiling: { reads: 41, writes: 10 },
    ask: () => connectAndLeave({ ticket: readersTicket }),
  },
  {
    name: 'POST /sse/ticket',
    by: 'connections',
    ceiling: { reads: 2, writes: 1 },
    ask: () => expectStatus(200, reader, 'POST', '/sse/ticket'),
  },
  {
    name: 'GET /sse/connect?since=, dropped at its first byte',
    by: 'stream',
    ceiling: { reads: 200, writes: 10 },
    ask: () => connectAndLeave({ since: '0' }, latecomer),
  },
  {
    name: 'GET /events',
    by: 'tasks',
    ceiling: { reads: 200, writes: 1 },
    ask: () => expectStatus(200, latecomer, 'GET', '/events?limit=1000'),
  },
  {
    name: 'GET /events, newest first',
    by: 'tasks',
    ceiling: { reads: 200, writes: 1 },
    ask: () => expectStatus(200, latecomer, 'GET', '/events?limit=1000&order=newest'),
  },
  {
    name: 'GET /events of types that there are none of',
    by: 'tasks',
    ceiling: { reads: 150, writes: 1 },
    ask: () => expectStatus(200, latecomer, 'GET', '/events?types=task.status_changed'),
  },
  {
    name: 'GET /sse/stats',
    by: 'connections',
    ceiling: { reads: 10, writes: 0 },
    ask: () => expectStatus(200, admin, 'GET', '/sse/stats'),
  },
  {
    name: 'POST /sse/disconnect',
    by: 'connections',
    ceiling: { reads: 5, writes: 5 },
    ask: () => expectStatus(200, owner, 'POST', '/sse/disconnect', { connectionId: randomUUID() }),
  },
  {
    name: 'POST /sse/lease',
    by: 'connections',
    ceiling: { reads: 5, writes: 5 },
    ask: () =>
      withStream((connectionId) => expectStatus(200, reader, 'POST', '/sse/lease', { connectionId })),
  },
  {
    name: 'DELETE /sse/connections/{id}',
    by: 'connections',
    ceiling: { reads: 5, writes: 5 },
    ask: () => withStream((id) => expectStatus(200, reader, 'DELETE', `/sse/connections/${id}`)),
  },
  {
    name: 'a request with a token that is none',
    by: 'tasks',
    ceiling: { reads: 0, writes: 0 },
    ask: async () => {
      const headers = { authorization: 'Bearer none' };
      expect((await stack.send('GET', '/tasks', { headers })).status).toBe(401);
    },
  },
  {
    name: 'POST /sse/revocations',
    by: 'connections',
    ceiling: { reads: 10, writes: 5 },
    ask: () => expectStatus(200, admin, 'POST', '/sse/revocations', { userId: 'somebody' }),
  },
];

describe('a request costs no more than it may', () => {
  it.each(routes.map((route) => [route.name, route] as const))('%s', async (_, { by, ceiling, ask }) => {
    consumed = [];
    await ask();
    const { reads, writes } = countedOf(by);
    // Whoever is let in costs something, or nothing is counted.
    expect(reads > 0).toBe(ceiling.reads > 0);
    expect(reads).toBeLessThanOrEqual(ceiling.reads);
    expect(writes).toBeLessThanOrEqual(ceiling.writes);
  });

  it('GET /tasks goes on from page to page, each as cheap as the first, and shows everything', async () => {
    const seen: number[] = [];
    let path = '/tasks?limit=1000';
    for (let pages = 0; pages < 30; pages += 1) {
      consumed = [];
      const { tasks, nextCursor } = await expectStatus(200, owner, 'GET', path);
      expect(countedOf('tasks').reads).toBeLessThanOrEqual(150);
      seen.push(...tasks.map(({ id }: { id: number }) => id));
      if (nextCursor === undefined) break;
      path = `/tasks?limit=1000&cursor=${nextCursor}`;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThanOrEqual(sampleTasks);
  });

  it.each(['oldest', 'newest'])(
    'GET /events goes on from page to page, %s first, and shows everything',
    async (order) => {
      const seen: number[] = [];
      let path = `/events?order=${order}`;
      for (let pages = 0; pages < 60; pages += 1) {
        consumed = [];
        const { events, nextCursor } = await expectStatus(200, latecomer, 'GET', path);
        expect(countedOf('tasks').reads).toBeLessThanOrEqual(200);
        seen.push(...events.map(({ taskId }: { taskId: number }) => taskId));
        if (nextCursor === undefined) break;
        path = `/events?order=${order}&cursor=${nextCursor}`;
      }
      const all = Array.from({ length: largeTasks }, (_, index) => index + 1);
      expect(seen).toEqual(order === 'oldest' ? all : all.toReversed());
    },
  );

  it('GET /sse/connect brings the whole of a long history to a client that is there', async () => {
    const heard: number[] = [];
    let cursor = oldCursor;
    let streams = 0;
    while (heard.length < segments && streams < 60) {
      const stream = await stack.connect(reader, {}, { 'last-event-id': cursor });
      streams += 1;
      const over = (): boolean => stream.frames.some(({ event }) => event === 'end');
      await stream.until(() => over() || heard.length + stream.events.length >= segments);
      heard.push(...stream.events.map(({ taskId }) => taskId as number));
      cursor = stream.cursor;
      stream.cut();
    }
    expect(heard).toEqual(Array.from({ length: segments }, (_, index) => index + 1));
  });
});
