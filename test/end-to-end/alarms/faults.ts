import { setTimeout as wait } from 'node:timers/promises';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import type { AlarmName } from '../../../lib/operations/alarm-table.ts';
import type { AwsFault } from '../../../local/data/aws-fault.ts';
import type { AlarmWorld } from './alarm-world.ts';

/**
 * Brings about what an alarm is about, and gives what has it happen in one of the alarm's periods, from 0 on.
 * @param periods in how many periods it is to happen.
 */
export type Fault = (
  world: AlarmWorld,
  periods: number,
) => Promise<(period: number) => Promise<unknown>> | ((period: number) => Promise<unknown>);

/** More than the alarms on what goes wrong in a minute let pass. */
const tooMany = 6;

function times<Result>(count: number, run: (index: number) => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => run(index)));
}

/** From now on a fault meets each request of a function to the tables. */
function tablesFail({ seams }: AlarmWorld, functionName: string, fault: AwsFault): void {
  seams.awsCall = (call) => (call.functionName === functionName ? fault : undefined);
}

/** So many requests of a user to the tasks, whatever they are answered. */
function ask(world: AlarmWorld, count: number): Promise<unknown> {
  return times(count, () => world.stack.request(world.newUser(), 'GET', '/tasks'));
}

/** Everything that is written waits for more than 5 s, and is delivered a period after another. */
const heldBatches: Fault = async (world, periods) => {
  const who = world.newUser();
  const stream = await world.connect(who);
  const released = Array.from({ length: periods }, () => Promise.withResolvers<void>());
  const { healed } = world;
  let deliveries = 0;
  world.seams.delivery = async (records, deliver) => {
    await Promise.race([released[deliveries++]?.promise, healed]);
    await deliver(records.slice(0, 1));
    const [, next] = records;
    return next && { batchItemFailures: [{ itemIdentifier: next.dynamodb.SequenceNumber }] };
  };
  for (let count = 0; count < periods; count += 1) await world.write(who);
  // What the alarm is about takes as long.
  await wait(5_300);
  return async (period) => {
    released[period]!.resolve();
    await stream.until(() => stream.events.length > period);
    await world.publishStreams();
  };
};

/** The fan-out lacks a right, and what was written gets older with each try. */
const lateEvents: Fault = async (world) => {
  tablesFail(world, 'fanout', { kind: 'deny' });
  await world.write(world.newUser());
  return async (period) => {
    world.seams.mappingAheadMs = (period + 2) * 60_000;
  };
};

/** The mapping does not get as far as to invoke its function: it is disabled, or may not read the stream. */
const stoppedFanOut: Fault = (world) => {
  world.seams.delivery = () => Promise.reject(new Error('the mapping cannot read the stream'));
  return () => world.write(world.newUser());
};

/** The fan-out lacks a right, for longer than a batch is retried. */
const failedBatches: Fault = async (world) => {
  tablesFail(world, 'fanout', { kind: 'deny' });
  return async () => {
    await world.write(world.newUser());
    world.seams.mappingAheadMs = 21 * 3_600_000;
  };
};

/** Orders to push are given while none may be carried out. */
const lostPushes: Fault = async (world) => {
  const who = world.newUser();
  await world.subscribe(who);
  world.reserved.set('push', 0);
  return async () => {
    for (let count = 0; count < tooMany; count += 1) {
      await world.write(who);
      await world.stack.local.pump.drained();
    }
  };
};

/** As many streams are open as may be, and another one is asked for. */
const refusedStreams: Fault = async (world) => {
  const who = world.newUser();
  world.reserved.set('stream', 1);
  await world.connect(who);
  return async () => {
    const token = await world.stack.local.issuer.sign(who);
    const { status } = await world.stack.send('GET', `/sse/connect?token=${token}`);
    expect(status).toBe(429);
  };
};

/** What the account may run at a time where these faults happen. */
const accountConcurrency = 20;

/** The settings of the stage in which they happen: bounds that a test can reach. */
export const settings = { accountConcurrency, dollarsADay: 1 } as const;

/** More than four fifths of what the account may run are streams that stay open. */
const nearConcurrency: Fault = async (world) => {
  const who = world.newUser();
  await times(accountConcurrency - 3, () => world.connect(who));
  return async () => world.metrics.platform.sample();
};

/** Streams run until they fail, as long as a function may run at the most. */
const failedStreams: Fault = (world) => async () => {
  const who = world.newUser();
  await times(16, () => world.connect(who));
  world.pass(900);
  await world.crash('stream');
};

/** The log of a workspace is lost, whose clients come back. */
const incompleteResumes: Fault = async (world) => {
  const { workspace } = world.newUser();
  const users = Array.from({ length: 21 }, (_, index) => ({ sub: `user-${index}`, workspace: workspace! }));
  // Of the log that goes: a stream that is open is given a cursor of the next one as soon as it sees that.
  const cursors = (await Promise.all(users.map((who) => world.connect(who)))).map(({ cursor }) => cursor);
  const { database, local } = world.stack;
  await database.send(
    new DeleteCommand({ TableName: local.tables['events'], Key: { workspace, segment: 0 } }),
  );
  return async () => {
    const back = await Promise.all(
      users.map((who, index) => world.connect(who, { lastEventId: cursors[index]! })),
    );
    await Promise.all(back.map((stream) => stream.until(() => stream.frames.length > 1)));
    await world.publishStreams();
  };
};

/**
 * Streams are open for nearly a day. On AWS it would be a session after another of each client; here one stands for all of them,
 * and the day is one of the test's clock.
 */
const costADay: Fault = (world) => async () => {
  const who = world.newUser();
  await times(5, () => world.connect(who));
  world.pass(23 * 3600);
  await world.endStreams();
};

/** The process of the WebSocket's function ends while handshakes wait for the tables. */
const failedSockets: Fault = (world) => async () => {
  const who = world.newUser();
  const stalled = Promise.withResolvers<void>();
  let count = 0;
  const onHappened = (): void => {
    count += 1;
    if (count === tooMany) stalled.resolve();
  };
  tablesFail(world, 'websocket', { kind: 'stall', onHappened });
  const handshakes = Promise.allSettled(Array.from({ length: tooMany }, () => world.subscribe(who)));
  await stalled.promise;
  await world.crash('websocket');
  const outcomes = await handshakes;
  expect(outcomes.map(({ status }) => status)).not.toContain('fulfilled');
  world.seams.heal();
};

/** The tables do not answer the API. */
const failedRequests: Fault = (world) => {
  tablesFail(world, 'tasks', { kind: 'drop', when: 'before' });
  return () => ask(world, tooMany);
};

/** A function may not run at all; another one in each period. */
const refusedInvocations: Fault = (world) => async (period) => {
  const refused = ['tasks', 'websocket', 'fanout'][period]!;
  world.reserved.clear();
  world.reserved.set(refused, 0);
  if (refused === 'tasks') await ask(world, 1);
  else if (refused === 'websocket') await expect(world.subscribe(world.newUser())).rejects.toThrow('refused');
  else await world.write(world.newUser());
};

/** The tables are throttled. */
const passingTrouble: Fault = (world) => {
  tablesFail(world, 'tasks', { kind: 'throttle' });
  return () => ask(world, tooMany);
};

/** A right is missing. */
const lastingTrouble: Fault = (world) => {
  tablesFail(world, 'tasks', { kind: 'deny' });
  return () => ask(world, 1);
};

/** What each alarm is about, but for those on whole sessions: `session-faults.ts` has them. */
export const faults = {
  SlowDelivery: heldBatches,
  LateEvents: lateEvents,
  StoppedFanOut: stoppedFanOut,
  FailedBatches: failedBatches,
  LostPushes: lostPushes,
  RefusedStreams: refusedStreams,
  NearConcurrency: nearConcurrency,
  FailedStreams: failedStreams,
  IncompleteResumes: incompleteResumes,
  CostADay: costADay,
  FailedSockets: failedSockets,
  FailedRequests: failedRequests,
  RefusedInvocations: refusedInvocations,
  PassingTrouble: passingTrouble,
  LastingTrouble: lastingTrouble,
} satisfies Readonly<Partial<Record<AlarmName, Fault>>>;
