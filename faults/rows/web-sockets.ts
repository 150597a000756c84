import { setTimeout as wait } from 'node:timers/promises';
import type { SocketCall } from '../../local/websocket/management.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { fanOutTwice } from './batches.ts';
import { injectCalls } from './calls.ts';
import { socketsOf, streamsOf } from './transports.ts';

/** Each user has one client over a WebSocket that stays, and one that cuts its own, or as the row needs it. */
const clients = [{ transport: 'socket' }, { transport: 'socket', cutAfter: [2, 20] }] as const;

/** One client of each kind, which stay. */
const both = [{ transport: 'socket' }, {}] as const;

/** Which push to a connection is answered that it is gone. */
const fatalPush = 3;

/** How long pushes are refused, milliseconds: the function tries for two seconds. */
const refusedMs = 3000;

/** How long a push may be under way, milliseconds: longer than until the next one, and the next ping. */
const lateMs = 1500;

/** How long a hand-on would wait, if it waited. Milliseconds. */
const hangMs = 8000;

/**
 * What an event may take on a stream while the hand-on hangs, milliseconds: the batch before it waits 2 s where it is the
 * first of its process, and then 400 ms.
 */
const hangBoundsMs = { longest: 3000, median: 1000 };

/** How long a client may take to find out what was not pushed to it, milliseconds: it pings about once a second. */
const foundMs = 5000;

/** Faults of pushes: each of them may be lost, late or doubled, and nothing is. */
export const webSocketRows: readonly Row[] = [
  { name: 'pushes to sockets said to be gone', clients: [...both], run: sayGone },
  { name: 'pushes refused for load', clients: [...clients], run: refusePushes },
  {
    name: 'pushes lost',
    clients: [...clients],
    arm: (injection) => {
      injection.seams.socketCall = (call) => {
        if (!isPush(call) || !injection.random.chance(0.3)) return undefined;
        injection.inject();
        return { kind: 'lose' };
      };
    },
  },
  {
    name: 'pushes late, doubled and out of order',
    clients: [...clients],
    arm: (injection) => {
      const { random, seams } = injection;
      seams.socketCall = (call) => {
        if (!isPush(call) || !random.chance(0.4)) return undefined;
        injection.inject();
        // Nobody knows that it was taken: it is sent again.
        if (random.chance(0.3)) return { kind: 'drop', when: 'after' };
        return { kind: 'delay', milliseconds: random.integer(20, lateMs) };
      };
    },
  },
  {
    name: 'orders to push lost and doubled',
    clients: [...clients],
    arm: (injection) => {
      const { random, seams } = injection;
      seams.asyncInvocation = ({ functionName }) => {
        if (functionName !== 'push' || !random.chance(0.6)) return undefined;
        injection.inject();
        return { kind: random.chance(0.5) ? 'lose' : 'repeat' };
      };
    },
  },
  { name: 'two fan-outs push at once', clients: [...clients], arm: fanOutTwice },
  { name: 'hand-on hangs', clients: [...both], run: hangHandOn },
  throttled('push'),
  throttled('websocket'),
];

/** Whether a call pushes to a client that has not asked. */
export function isPush({ functionName, method }: SocketCall): boolean {
  return functionName === 'push' && method === 'POST';
}

/** A connection that is there is taken for gone: its items go, and its client finds out by its next ping. */
async function sayGone(injection: Injection): Promise<void> {
  const { seams, failures } = injection;
  const pushes = new Map<string, number>();
  seams.socketCall = (call) => {
    if (!isPush(call)) return undefined;
    const count = (pushes.get(call.connectionId) ?? 0) + 1;
    pushes.set(call.connectionId, count);
    if (count !== fatalPush) return undefined;
    injection.inject();
    return { kind: 'gone' };
  };
  await injection.writeInWaves(48, 8);
  for (const replica of socketsOf(injection)) {
    const { sub } = replica.user;
    if (!(await injection.until(replica, () => replica.ends.length > 0, foundMs)))
      injection.pastBound.push(`a client of ${sub} did not find out that it is not pushed to`);
    // On a machine that is slow its client may have taken a connection for dead.
    const odd = replica.ends.filter(({ reason }) => reason !== 'session_length' && reason !== undefined);
    for (const { reason } of odd) failures.push(`a WebSocket of ${sub} ended with ${reason}`);
  }
  await injection.established();
  await injection.writeInWaves(16, 2);
}

/** Nothing can be pushed for longer than it is tried: whoever misses something asks for it. */
async function refusePushes(injection: Injection): Promise<void> {
  injection.seams.socketCall = (call) => {
    if (!isPush(call)) return undefined;
    injection.inject();
    return { kind: 'limit' };
  };
  await Promise.all([injection.writeInWaves(32, 4), wait(refusedMs)]);
  injection.seams.heal();
  await injection.writeInWaves(32, 4);
}

/** The look-up of subscribers is not answered: streams hear in time, and the others find out by themselves. */
async function hangHandOn(injection: Injection): Promise<void> {
  const { boards, random, scale } = injection;
  const lookUps = { functions: ['fanout'], operations: ['Query'], table: 'connections' } as const;
  injectCalls(injection, lookUps, () => ({ kind: 'delay', milliseconds: hangMs }));
  const rounds = scale === 'full' ? 30 : 5;
  for (let round = 0; round < rounds; round += 1) {
    const board = random.pick(boards);
    const id = await board.writer.createVisible(`hung ${round}`);
    const accepted = Date.now();
    const note = async (
      kind: 'stream' | 'WebSocket',
      boundsMs: { readonly longest: number; readonly median: number },
    ): Promise<void> => {
      const own = { boards: [board] };
      const replicas = kind === 'stream' ? streamsOf(own) : socketsOf(own);
      await Promise.all(
        replicas.map(async (replica) => {
          const isThere = await injection.until(replica, () => replica.tasks.has(id), boundsMs.longest);
          const bounds = { most: boundsMs.median };
          injection.medians.note(`an event over a ${kind}`, bounds, Date.now() - accepted);
          if (!isThere) injection.pastBound.push(`task ${id} did not come over a ${kind}`);
        }),
      );
    };
    await Promise.all([
      note('stream', hangBoundsMs),
      note('WebSocket', { longest: foundMs, median: foundMs }),
    ]);
  }
  await injection.writeInWaves(16, 2);
}

function throttled(functionName: 'push' | 'websocket'): Row {
  return {
    name: `throttled: ${functionName}`,
    clients: [...clients],
    writes: [24, 3],
    arm: (injection) => {
      injectCalls(injection, { functions: [functionName], probability: 0.3 }, () => ({ kind: 'throttle' }));
    },
  };
}
