import type { AsyncFault, AsyncInvocation } from '../../local/functions/async-invocations.ts';
import type { AwsFault } from '../../local/data/aws-fault.ts';
import type { ConsumedCapacity } from '../../local/data/consumed-capacity.ts';
import type { SocketCall, SocketFault } from '../../local/websocket/management.ts';
import type { Subscriber } from '../../core/push/socket.ts';
import { EventLog } from '../../lambdas/shared/dynamodb/event-log.ts';
import { SocketStore } from '../../lambdas/shared/dynamodb/socket-store.ts';
import { SubscriberStore } from '../../lambdas/shared/dynamodb/subscriber-store.ts';
import { SocketClient } from '../socket-client.ts';
import { TestStack } from './stack.ts';
import { subscriberOf } from './subscribers.ts';

const calls: SocketCall[] = [];
const ordered: AsyncInvocation[] = [];
let consumed: ConsumedCapacity[] = [];
let orderFaults: (AsyncFault | undefined)[] = [];
/** How often each batch is delivered. */
let deliveries = 1;
let lookUpFault: AwsFault | undefined;
let pushFault: (call: SocketCall) => SocketFault | undefined;
const warnings: string[] = [];

let stack: TestStack;
let sockets: SocketStore;
let subscribers: SubscriberStore;
beforeAll(async () => {
  stack = await TestStack.start({
    environment: { CONNECTIONS_PER_USER: '100' },
    onSocketCall: (call) => {
      if (call.functionName !== 'push') return undefined;
      calls.push(call);
      return pushFault(call);
    },
    onAwsCall: ({ functionName, operation, tables }) => {
      const isLookUp = functionName === 'fanout' && operation === 'Query';
      return isLookUp && tables.some((arn) => arn.includes('Connections')) ? lookUpFault : undefined;
    },
    onAsyncInvocation: (invocation) => {
      ordered.push(invocation);
      return orderFaults.shift();
    },
    wrapDeliver: (deliver) => async (records) => {
      for (let more = deliveries; more > 1; more -= 1) await deliver(records);
      return deliver(records);
    },
    onCapacity: (one) => consumed.push(one),
    onLog: ({ functionName, text }) => {
      if (['push', 'fanout'].includes(functionName) && text.includes('"trouble"')) warnings.push(text);
    },
  });
  const table = stack.local.tables['connections']!;
  sockets = new SocketStore(stack.database, table);
  subscribers = new SubscriberStore(stack.database, table);
});
afterAll(() => stack.close());

beforeEach(() => {
  calls.length = 0;
  ordered.length = 0;
  warnings.length = 0;
  consumed = [];
  orderFaults = [];
  lookUpFault = undefined;
  deliveries = 1;
  pushFault = () => undefined;
});

/** What a change reads and writes, units, and how often it is pushed. */
type Cost = Readonly<
  Record<'pushes' | 'orders' | 'fanOutReads' | 'fanOutWrites' | 'pushReads' | 'pushWrites', number>
>;

/** Notes a subscriber, as if its client had said so. */
async function note(...given: Parameters<typeof subscriberOf>): Promise<Subscriber> {
  const subscriber = subscriberOf(...given);
  await sockets.add(subscriber);
  await subscribers.put(subscriber);
  return subscriber;
}

/** Opens a WebSocket and notes its subscription. */
async function follow(
  workspace: string,
  user: string,
  fields: Partial<Subscriber> = {},
): Promise<{ readonly client: SocketClient; readonly subscriber: Subscriber }> {
  const before = new Set(stack.local.sockets.ids());
  const token = await stack.local.issuer.sign({ sub: user, workspace });
  const client = await SocketClient.open(`ws://localhost:${stack.local.port}/ws?token=${token}`);
  const socket = stack.local.sockets.ids().find((id) => !before.has(id))!;
  return { client, subscriber: await note(workspace, user, socket, fields) };
}

/** The log of a workspace has a key as soon as somebody has a cursor; a subscriber has one. */
async function openLog(workspace: string): Promise<void> {
  await new EventLog(stack.database, stack.local.tables['events']!).openHead(workspace);
}

async function createTask(workspace: string, user: string, fields: object = {}): Promise<number> {
  const who = { sub: user, workspace };
  const { status, body } = await stack.request(who, 'POST', '/tasks', { name: 'pushed', ...fields });
  expect(status).toBe(201);
  return body.task.id as number;
}

/** The warnings but for those that a busy machine explains: what takes longer than it may is given up, and says so. */
function unexplained(): readonly string[] {
  return warnings.filter((text) => !/HandOnTimeout|pushes were given up/.test(text));
}

/** Resolves when all that was written is logged, and all that was ordered is pushed. */
async function settled(): Promise<void> {
  await stack.local.pump.drained();
  await stack.local.invocations.idle();
}

async function remaining(workspace: string): Promise<string[]> {
  const names: string[] = [];
  let after: string | undefined;
  do {
    const page = await subscribers.page(workspace, after, 1000);
    names.push(...page.subscribers.map(({ socket }) => socket));
    after = page.next;
  } while (after !== undefined);
  return names;
}

describe('a change that is pushed', () => {
  it('arrives as frames, at those who may see it and want it', async () => {
    const workspace = 'push-rights';
    await openLog(workspace);
    const ana = await follow(workspace, 'ana');
    const bob = await follow(workspace, 'bob');
    const busy = await follow(workspace, 'ana', {
      subscription: { name: 'busy', filter: { status: 'in_progress' } },
    });
    const other = await follow('push-elsewhere', 'ana');
    const hidden = await createTask(workspace, 'ana', { visibility: 'private' });
    const open = await createTask(workspace, 'ana');
    const path = `/tasks/${open}`;
    await stack.request({ sub: 'ana', workspace }, 'PATCH', path, { status: 'in_progress' });
    await settled();

    const expected = (subscription: string, taskId: number, type: string): object => ({
      subscription,
      id: expect.any(String),
      event: 'message',
      log: expect.stringMatching(/^[0-9a-f]{16}$/),
      place: [expect.any(Number), expect.any(Number), expect.any(Number)],
      after: [expect.any(Number), expect.any(Number), expect.any(Number)],
      data: expect.objectContaining({ type, taskId }),
    });
    const frames = (socket: Subscriber): { place: number[]; after: number[] }[] =>
      calls
        .filter(({ connectionId }) => connectionId === socket.socket)
        .map(({ text }) => JSON.parse(text) as { place: number[]; after: number[] })
        .toSorted(
          (a, b) => a.place[0]! - b.place[0]! || a.place[1]! - b.place[1]! || a.place[2]! - b.place[2]!,
        );
    const ofOpen = (name: string): object[] => [
      expected(name, open, 'task.created'),
      expected(name, open, 'task.status_changed'),
      expected(name, open, 'task.updated'),
    ];
    expect(frames(ana.subscriber)).toEqual([expected('ana', hidden, 'task.created'), ...ofOpen('ana')]);
    expect(frames(bob.subscriber)).toEqual(ofOpen('bob'));
    expect(frames(busy.subscriber)).toEqual([expected('busy', open, 'task.created')]);
    expect(frames(other.subscriber)).toEqual([]);
    // Each begins where the one before ends: nobody sees a gap.
    const places = frames(ana.subscriber);
    expect(places.slice(1).map(({ after }) => after)).toEqual(places.slice(0, -1).map(({ place }) => place));

    const received = await Promise.all([bob.client.nextJson(), bob.client.nextJson(), bob.client.nextJson()]);
    expect(received).toHaveLength(3);
    expect(received).toEqual(expect.arrayContaining(ofOpen('bob')));
    // A stream of the same user goes on from the cursor of a frame.
    const stream = await stack.connect(
      { sub: 'bob', workspace },
      {},
      {
        'last-event-id': (frames(bob.subscriber)[0] as unknown as { id: string }).id,
      },
    );
    await stream.until(() => stream.events.length === 2);
    expect(stream.events.map(({ type }) => type)).toEqual(['task.status_changed', 'task.updated']);
    expect(unexplained()).toEqual([]);
    await Promise.all([ana, bob, busy, other].map(({ client }) => client.close()));
  });

  it('reaches every page of subscribers, and those that are gone are forgotten', async () => {
    const workspace = 'push-many';
    await openLog(workspace);
    const { client, subscriber } = await follow(workspace, 'ana');
    for (let begin = 0; begin < 249; begin += 50) {
      await Promise.all(
        Array.from({ length: Math.min(50, 249 - begin) }, (_, index) =>
          note(workspace, 'gone', `gone-${begin + index}`),
        ),
      );
    }
    await settled();
    const tasks = [await createTask(workspace, 'ana')];
    await settled();
    // On a machine that is too busy for its time an invocation gives pushes up, and says so: the next one makes up for it.
    while (warnings.some((text) => text.includes('pushes were given up'))) {
      warnings.length = 0;
      tasks.push(await createTask(workspace, 'ana'));
      await settled();
    }

    const { event, data } = (await client.nextJson()) as { event: string; data: { taskId: number } };
    expect(event).toBe('message');
    expect(tasks).toContain(data.taskId);
    expect(await remaining(workspace)).toEqual([subscriber.socket]);
    expect(await sockets.find('gone-0')).toBeUndefined();
    expect(await sockets.find('gone-248')).toBeUndefined();
    expect(await sockets.find(subscriber.socket)).toMatchObject({ id: subscriber.id });
    expect(ordered.slice(0, 3).map(({ by, functionName }) => [by, functionName])).toEqual([
      ['fanout', 'push'],
      ['push', 'push'],
      ['push', 'push'],
    ]);
    expect(unexplained()).toEqual([]);
    await client.close();
  });

  it('is not told to whose token has expired: it is ended', async () => {
    const workspace = 'push-expired';
    await openLog(workspace);
    const { client, subscriber } = await follow(workspace, 'ana', { expiresAt: Date.now() - 1 });
    await createTask(workspace, 'ana');

    expect(await client.nextJson()).toEqual({
      event: 'end',
      data: { reason: 'token_expired', reconnect: false },
    });
    expect(await client.closed).toMatchObject({ code: 1000 });
    await settled();
    expect(await remaining(workspace)).toEqual([]);
    expect(await sockets.find(subscriber.socket)).toBeUndefined();
    expect(unexplained()).toEqual([]);
  });

  it('may be lost on its way, and the next one shows the gap', async () => {
    const workspace = 'push-lost';
    await openLog(workspace);
    const { client } = await follow(workspace, 'ana');
    const frame = async (): Promise<{ place: number[]; after: number[] }> =>
      (await client.nextJson()) as { place: number[]; after: number[] };
    await createTask(workspace, 'ana');
    const first = await frame();
    orderFaults = [{ kind: 'lose' }, { kind: 'repeat' }];
    await createTask(workspace, 'ana');
    await settled();
    const third = await createTask(workspace, 'ana');
    const [one, again] = [await frame(), await frame()];

    expect(one).toMatchObject({ data: { taskId: third } });
    expect(again).toEqual(one);
    expect(one.after).not.toEqual(first.place);
    expect(one.after[0]).toBeGreaterThan(first.place[0]!);
    await client.close();
  });

  it('is ordered once, however often its batch is delivered', async () => {
    const workspace = 'push-once';
    await openLog(workspace);
    const { client } = await follow(workspace, 'ana');
    deliveries = 3;
    const task = await createTask(workspace, 'ana');
    await settled();

    expect(await client.nextJson()).toMatchObject({ data: { taskId: task } });
    expect([ordered.length, calls.length]).toEqual([1, 1]);
    await client.close();
  });

  it('is tried again where it is refused for load, and lets nobody wait for whom it reaches late', async () => {
    const workspace = 'push-load';
    await openLog(workspace);
    const [ana, bob, eve] = [
      await follow(workspace, 'ana'),
      await follow(workspace, 'bob'),
      await follow(workspace, 'eve'),
    ];
    const faults = new Map<string, SocketFault[]>([
      [ana.subscriber.socket, [{ kind: 'limit' }, { kind: 'limit' }]],
      // Past the time limit of the client.
      [eve.subscriber.socket, [{ kind: 'delay', milliseconds: 3500 }]],
    ]);
    pushFault = ({ connectionId }) => faults.get(connectionId)?.shift();
    const task = await createTask(workspace, 'ana');

    expect(await bob.client.nextJson()).toMatchObject({ data: { taskId: task } });
    expect(await ana.client.nextJson()).toMatchObject({ data: { taskId: task } });
    await settled();
    expect(calls.filter(({ connectionId }) => connectionId === eve.subscriber.socket)).toHaveLength(1);
    expect(warnings).toEqual([expect.stringMatching(/pushes were given up.*"givenUp":1/)]);
    await Promise.all([ana, bob, eve].map(({ client }) => client.close()));
  });
});

describe('a fan-out', () => {
  const who = { sub: 'ana', workspace: 'push-fan-out' };

  it.each([
    ['hangs', { kind: 'stall' }, /HandOnTimeout/],
    ['is refused', { kind: 'throttle', code: 'ThrottlingException' }, /ThrottlingException|HandOnTimeout/],
  ] as const)('logs what happens though its look-up %s, and says so', async (_, fault, line) => {
    lookUpFault = fault as AwsFault;
    const stream = await stack.connect(who);
    const tasks = [await createTask(who.workspace, 'ana'), await createTask(who.workspace, 'ana')];
    await stream.until(() => stream.events.length === 2);
    await settled();

    expect(stream.events.map(({ taskId }) => taskId)).toEqual(tasks);
    expect([ordered, calls]).toEqual([[], []]);
    expect(warnings.length).toBeGreaterThan(0);
    for (const warning of warnings) expect(warning).toMatch(line);
    for (const warning of warnings) expect(warning).toMatch(/"trouble":"passing"/);
  });
});

describe('what a change costs with subscribers', () => {
  /** What a change costs when so many clients have subscribed. */
  async function costWith(count: number): Promise<Cost> {
    const workspace = `push-cost-${count}`;
    await openLog(workspace);
    const clients: SocketClient[] = [];
    for (let opened = 0; opened < count; opened += 1) {
      clients.push((await follow(workspace, 'ana')).client);
    }
    // The first change of a log makes its head follow a stream.
    await createTask(workspace, 'ana');
    await settled();
    calls.length = 0;
    ordered.length = 0;
    consumed = [];
    await createTask(workspace, 'ana');
    await settled();
    const sum = (by: string, what: 'readUnits' | 'writeUnits'): number =>
      consumed.filter(({ functionName }) => functionName === by).reduce((all, one) => all + one[what], 0);
    const cost = {
      pushes: calls.length,
      orders: ordered.length,
      fanOutReads: sum('fanout', 'readUnits'),
      fanOutWrites: sum('fanout', 'writeUnits'),
      pushReads: sum('push', 'readUnits'),
      pushWrites: sum('push', 'writeUnits'),
    };
    await Promise.all(clients.map((client) => client.close()));
    return cost;
  }

  it('is a look-up where there are none, no write with any number of them, and a message for each', async () => {
    const [none, one, many] = [await costWith(0), await costWith(1), await costWith(40)];
    const { fanOutWrites } = none;

    expect(none).toMatchObject({ pushes: 0, orders: 0, pushReads: 0, pushWrites: 0 });
    // The head, and the look-up: databases count one that finds nothing as half a unit or as one.
    for (const { fanOutReads } of [none, one, many]) expect(fanOutReads).toBeLessThanOrEqual(2);
    expect(one).toMatchObject({ pushes: 1, orders: 1, fanOutWrites, pushWrites: 0 });
    const { fanOutReads } = one;
    expect(many).toMatchObject({ pushes: 40, orders: 1, fanOutReads, fanOutWrites, pushWrites: 0 });
    // The head, the segments, and a page of small items.
    expect(many.pushReads).toBeLessThanOrEqual(8);
  });
});
