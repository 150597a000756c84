import { setTimeout as wait } from 'node:timers/promises';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { feedPollMs } from '../../core/awareness/feed.ts';
import { pageSize } from '../../lambdas/push/pusher.ts';
import { correlationHeader } from '../../protocol/headers.ts';
import { changeUnits } from '../../operate/cost/change-units.ts';
import { gatewayRequestId } from '../../operate/cost/frame-bytes.ts';
import { measured } from '../../operate/cost/measured.ts';
import { renewalUnits, socketPresenceUnits, streamPresenceUnits } from '../../operate/cost/presence-units.ts';
import { pushUnits, socketUnits } from '../../operate/cost/socket-units.ts';
import type { Open, StreamHosting } from '../../operate/cost/stream-units.ts';
import { streamUnits } from '../../operate/cost/stream-units.ts';
import type { BilledStage, UnitLine } from '../../operate/cost/unit-lines.ts';
import { readUnits } from '../../operate/cost/unit-lines.ts';
import { SocketClient } from '../socket-client.ts';
import type { Counts, Watched } from './counted-run.ts';
import { CountedStack, countsOf, deviations } from './counted-run.ts';
import type { TestStack, Who } from './stack.ts';

/**
 * Runs small what `npm run cost` bills, and holds its model to the units that are counted meanwhile. Whatever depends on
 * time is judged by the time that the run took: the model is given how long the streams were open, and how much later than
 * planned a read is over on this machine.
 */

/** As deployed stages poll, with sessions that end while somebody waits for it. */
const stage: BilledStage = {
  edge: 'off',
  sessionSeconds: 10,
  heartbeatSeconds: 2,
  pollMinMs: 250,
  pollMaxMs: 1000,
  paddingBytes: 3,
  // Nothing is in containers here.
  taskMegabytes: 512,
  leastTasks: 2,
  mostTasks: 10,
};

/** Each stream has a workspace of its own: those of one workspace would share their reads, which they do not on Lambda. */
const streams = 80;
/** Those of them that have no cursor. */
const newClients = 30;
const sockets = 6;
/** A full page of them: the order for the next one finds it empty. */
const subscribers = pageSize;

let counted: CountedStack;
let stack: TestStack;
beforeAll(async () => {
  counted = await CountedStack.start({
    SESSION_SECONDS: String(stage.sessionSeconds),
    HEARTBEAT_SECONDS: String(stage.heartbeatSeconds),
    POLL_MIN_MS: String(stage.pollMinMs),
    POLL_MAX_MS: String(stage.pollMaxMs),
    PADDING_BYTES: String(stage.paddingBytes),
  });
  stack = counted.stack;
});
afterAll(() => stack.close());

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const userOf = (kind: string, index: number): Who => ({ sub: 'a-user', workspace: `${kind}-${index}` });

/** Everything that was begun is done. */
async function settled(): Promise<void> {
  await stack.local.pump.drained();
  await stack.local.invocations.idle();
  await counted.idle();
}

async function createTask(who: Who): Promise<void> {
  const { status } = await stack.request(
    who,
    'POST',
    '/tasks',
    { name: 'n'.repeat(measured.taskNameLength) },
    // The local gateway names requests otherwise than API Gateway.
    { [correlationHeader]: gatewayRequestId },
  );
  expect(status).toBe(201);
}

/** The log of a workspace is begun once in its life, by its first change, and is not what a stream or a change costs. */
const begin = createTask;

/** The end of a workspace's log, once everything is in it: a stream from there on has nothing to catch up with. */
async function cursorOf(who: Who): Promise<string> {
  const { status, body } = await stack.request(who, 'GET', '/tasks');
  expect(status).toBe(200);
  return body.streamCursor as string;
}

function expectModel(counts: Counts, lines: readonly UnitLine[]): void {
  const off = deviations(counts, countsOf(lines));
  const wrong = Object.entries(off).filter(([, part]) => Math.abs(part) > 0.05);
  expect(Object.fromEntries(wrong)).toEqual({});
}

describe('event streams that ask for presence', () => {
  const who = (index: number): Who => userOf('streams', index);
  /** How many changes were made, and how many of them their streams have heard of before they ended. */
  let changes = 0;
  let heard = 0;
  /** When the sessions were let in until they ended, all together. */
  let readSeconds = 0;

  const open = new Set<number>();

  /** A stream from its first frame to its end. */
  async function runStream(index: number, cursor: string | undefined, opened: () => void): Promise<void> {
    const headers: Record<string, string> = cursor === undefined ? {} : { 'last-event-id': cursor };
    const stream = await stack.connect(who(index), { presence: 'true' }, headers);
    const began = performance.now();
    open.add(index);
    opened();
    await stream.until((frames) => frames.at(-1)?.event === 'end');
    open.delete(index);
    readSeconds += (performance.now() - began) / 1000;
    heard += stream.events.length;
    await stream.ended;
  }

  /** All streams, one after another as fast as they are let in: the first without a cursor. */
  async function runAll(cursors: readonly string[]): Promise<void> {
    const running: Promise<void>[] = [];
    const changing = changeUntil(() => running.length === streams && open.size === 0);
    for (const index of numbers(streams)) {
      await new Promise<void>((opened, failed) => {
        const stream = runStream(index, index < newClients ? undefined : cursors[index], opened);
        stream.catch(failed);
        running.push(stream);
      });
    }
    await changing;
    await Promise.all(running);
  }

  /**
   * One change after another, each a batch of its own, in workspaces by chance, as the model has it. Where the stream has
   * ended there is a pause instead: else the others would hear of more and more.
   */
  async function changeUntil(isOver: () => boolean): Promise<void> {
    let tookMs = 0;
    while (!isOver()) {
      const index = Math.floor(Math.random() * streams);
      if (!open.has(index)) {
        await wait(Math.max(1, tookMs));
        continue;
      }
      const began = performance.now();
      await createTask(who(index));
      await stack.local.pump.drained();
      tookMs = performance.now() - began;
      changes += 1;
    }
  }

  async function forAll<T>(one: (who: Who) => Promise<T>): Promise<T[]> {
    const all: T[] = [];
    for (let from = 0; from < streams; from += 10) {
      all.push(...(await Promise.all(numbers(10).map((index) => one(who(from + index))))));
    }
    await settled();
    return all;
  }

  /** Runs all streams, after which what they did is counted. */
  async function watched(): Promise<Watched> {
    const cursors = await forAll(cursorOf);
    counted.take();
    counted.watch.take();
    changes = heard = readSeconds = 0;
    await runAll(cursors);
    await settled();
    return counted.watch.take();
  }

  it('cost what the model says, and so do changes that they hear of', async () => {
    await forAll(begin);
    let run = await watched();
    // A machine that stands still for a second, as busy ones do, takes polls and pings away that no model knows of.
    for (let again = 0; again < 3 && run.longestGapMs > 2 * feedPollMs; again += 1) run = await watched();
    const { readMs, sessionSeconds } = run;
    const hosting: StreamHosting = {
      readMs,
      admissionMs: ((sessionSeconds - readSeconds) * 1000) / streams,
      perProcess: streams,
      // Each has a workspace for itself.
      sharers: 1,
    };
    const streamed: Open = {
      seconds: sessionSeconds,
      perWorkspace: 1,
      changesPerHour: heard / (sessionSeconds / 3600),
      newClients,
      handsOver: false,
    };
    expect(heard).toBeGreaterThan(0);
    expectModel(counted.take(), [
      ...streamUnits(stage, streamed, hosting),
      ...streamPresenceUnits(stage, { ...streamed, perWorkspace: 0 }, hosting),
      ...changeUnits(stage, changes),
    ]);
  });
});

it('a stream that takes the place of one that hands over to it is not counted', async () => {
  const who = userOf('handing-over', 0);
  await begin(who);
  const before = await stack.connect(who);
  await before.until((frames) => frames.some(({ event }) => event === 'handover'));
  counted.take();
  const after = await stack.connect(who, {}, { 'last-event-id': before.cursor });
  const { 'writes of connections by stream': writes, 'reads of connections by stream': reads } =
    counted.take();
  const { admission, stream } = measured.units;
  // Its item goes when it ends.
  expect(writes).toBe(stream.connectionWrites - 1);
  // Both have looked at their items meanwhile, if at all.
  expect(reads).toBeGreaterThanOrEqual(admission.connectionReads);
  expect(reads).toBeLessThanOrEqual(admission.connectionReads + 2);
  after.cut();
});

it('pages that say that they are there cost what the model says', async () => {
  const workspace = 'pages';
  await begin({ sub: 'user-0', workspace });
  await settled();
  const viewers = 24;
  const say = async (index: number): Promise<void> => {
    const page = { viewId: 'page', state: 'active' };
    const sub = `user-${String(index).padStart(2, '0')}`;
    expect((await stack.request({ sub, workspace }, 'POST', '/presence', page)).status).toBe(200);
  };
  for (const index of numbers(viewers)) await say(index);
  await settled();
  counted.take();
  for (const index of numbers(viewers)) await say(index);
  await settled();
  expectModel(counted.take(), renewalUnits(stage, viewers, viewers));
});

describe('WebSockets', () => {
  async function open(who: Who): Promise<SocketClient> {
    const token = await stack.local.issuer.sign(who);
    const client = await SocketClient.open(`ws://localhost:${stack.local.port}/ws?token=${token}`);
    return client;
  }

  /** Says something, and resolves with the cursor of the frame that ends the answer. */
  async function ask(client: SocketClient, said: object, last: string): Promise<string> {
    counted.noteSent();
    client.send(JSON.stringify({ subscription: '1', ...said }));
    const frame = await client.nextJson(({ event }) => event === last);
    return (frame as { id: string }).id;
  }

  /** Resolves when it is told an event of this type; a push may come before an answer. */
  const told = (client: SocketClient, type: string): Promise<unknown> =>
    client.nextJson(({ data }) => data?.type === type);

  it('cost what the model says, and so do changes that are pushed to one', async () => {
    for (const index of numbers(sockets)) await begin(userOf('sockets', index));
    await settled();
    counted.take();
    for (const index of numbers(sockets)) {
      const who = userOf('sockets', index);
      const client = await open(who);
      const cursor = await ask(client, { action: 'subscribe' }, 'live');
      await ask(client, { action: 'ping', cursor }, 'ping');
      await createTask(who);
      await told(client, 'task.created');
      await client.close();
      await counted.idle();
    }
    await settled();
    expectModel(counted.take(), [
      ...socketUnits(stage, { seconds: 1, perWorkspace: 1, connects: sockets, pings: sockets }),
      ...changeUnits(stage, sockets),
      ...pushUnits(stage, sockets, 1),
    ]);
  });

  it('that ask for presence cost what the model says', async () => {
    const who = (index: number): Who => userOf('present', index);
    for (const index of numbers(sockets)) await begin(who(index));
    const opening = async (index: number): Promise<{ client: SocketClient; cursor: string }> => {
      const client = await open(who(index));
      const cursor = await ask(client, { action: 'subscribe', presence: true }, 'live');
      await told(client, 'presence.snapshot');
      return { client, cursor };
    };
    await settled();
    counted.take();
    for (const index of numbers(sockets)) {
      await (await opening(index)).client.close();
      await counted.idle();
    }
    const alone = { perWorkspace: 0, connects: sockets, pings: 0 };
    expectModel(counted.take(), [
      ...socketUnits(stage, { ...alone, seconds: 1, perWorkspace: 1 }),
      ...socketPresenceUnits(stage, { ...alone, renewals: 0 }),
    ]);
    for (const index of numbers(sockets)) {
      const { client, cursor } = await opening(index);
      const said = { action: 'presence', state: 'active' };
      await ask(client, said, 'presence');
      await told(client, 'presence.joined');
      await settled();
      counted.take();
      await ask(client, said, 'presence');
      await ask(client, { action: 'ping', cursor }, 'ping');
      await counted.idle();
      const one = { perWorkspace: 1, connects: 0, pings: 1 };
      expectModel(counted.take(), [
        ...socketUnits(stage, { ...one, seconds: 1 }),
        ...socketPresenceUnits(stage, { ...one, renewals: 1 }),
      ]);
      await client.close();
    }
  });

  /** What it takes to read a partition of the connections table, not consistently. */
  async function readingAll(partition: string): Promise<number> {
    const { ConsumedCapacity: consumed } = await stack.database.send(
      new QueryCommand({
        TableName: stack.local.tables['connections'],
        KeyConditionExpression: 'workspace = :partition',
        ExpressionAttributeValues: { ':partition': partition },
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    return consumed?.CapacityUnits ?? 0;
  }

  it('of a crowd that is pushed to cost what the model says', async () => {
    const workspace = 'crowd';
    await begin({ sub: 'user-0', workspace });
    const opening = async (index: number): Promise<SocketClient> => {
      const client = await open({ sub: `user-${index}`, workspace });
      await ask(client, { action: 'subscribe' }, 'live');
      return client;
    };
    const clients: SocketClient[] = [];
    for (let from = 0; from < subscribers; from += 10) {
      clients.push(...(await Promise.all(numbers(10).map((index) => opening(from + index)))));
    }
    await settled();
    counted.take();
    const changes = 3;
    for (const _ of numbers(changes)) {
      await createTask({ sub: 'user-0', workspace });
      await Promise.all(clients.map((client) => told(client, 'task.created')));
      await settled();
    }
    expectModel(counted.take(), [...changeUnits(stage, changes), ...pushUnits(stage, changes, subscribers)]);
    // What is read of a crowd goes by the size of its items.
    const { connection, subscriber } = measured.itemBytes;
    expect(await readingAll(workspace)).toBeCloseTo(readUnits(subscribers * connection) / 2, 0);
    expect(await readingAll(`${workspace}#push`)).toBeCloseTo(readUnits(subscribers * subscriber) / 2, 0);
    await Promise.all(clients.map((client) => client.close()));
  });
});
