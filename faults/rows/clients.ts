import { setTimeout as wait } from 'node:timers/promises';
import { expectGone } from '../judge/ends.ts';
import type { Replica } from '../board/replica.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { shortSessionSeconds } from '../stack/stack.ts';
import { dieMidway } from './dead-clients.ts';

/** What an event may take where chunks are held back. Milliseconds. */
const heldBoundMs = 1000;

/** Clients that are cut or die while a soak writes: how many of each board, how often, and for how long. */
const strikes = { clients: 4, cuts: 40, cutEveryMs: 100, deadMs: 5000 } as const;

/** Faults of the clients and of the way to them. */
export const clientRows: readonly Row[] = [
  {
    name: 'clients cut at random',
    run: async (injection) => {
      const { boards } = injection;
      for (const board of boards) {
        for (const sub of ['alice', 'bob', 'dave']) board.join(sub, { cutAfter: [1, 4] });
        await board.established();
      }
      await injection.write(100);
      for (const { cuts } of boards.flatMap(({ replicas }) => replicas)) injection.injected += cuts;
    },
    strike: async (injection) => {
      const clients = injection.boards.flatMap(({ replicas }) => replicas);
      for (let cut = 0; cut < strikes.cuts; cut += 1) {
        injection.random.pick(clients).source.cut();
        injection.inject();
        await wait(strikes.cutEveryMs);
      }
    },
  },
  {
    name: 'stream function killed',
    run: async (injection) => {
      const rounds = injection.scale === 'full' ? 6 : 2;
      for (let round = 0; round < rounds; round += 1)
        await Promise.all([injection.write(30), killStreams(injection)]);
    },
    strike: killStreams,
  },
  {
    name: 'silent client death',
    profile: 'short sessions',
    run: dieSilently,
    strike: async (injection) => {
      const { boards, random } = injection;
      const dead = boards.flatMap(({ replicas }) => random.shuffle(replicas).slice(0, strikes.clients));
      for (const { source } of dead) {
        source.freeze();
        injection.inject();
      }
      await wait(strikes.deadMs);
      for (const { source } of dead) source.cut();
    },
  },
  { name: 'dead clients, bytes on the way', clients: [{}, {}], run: dieMidway },
  { name: 'held chunks', profile: 'held chunks', run: holdChunks },
];

async function killStreams(injection: Injection): Promise<void> {
  await injection.crashStreams();
  injection.inject();
  await injection.established();
}

/** Clients stop reading without a word. What they missed is there when they come back, and their sessions end. */
async function dieSilently(injection: Injection): Promise<void> {
  await injection.write(20);
  await injection.established();
  const dead = injection.boards.flatMap(({ replicas }) => replicas.slice(0, 4));
  for (const { source } of dead) {
    source.freeze();
    injection.inject();
  }
  const ids = dead.map(({ connectionId }) => connectionId);
  await Promise.all([injection.write(40), expectGone(injection, ids, shortSessionSeconds * 1000)]);
  for (const { source } of dead) source.cut();
}

/** Each change is the last one for a while: nothing that follows pushes its chunk out. */
async function holdChunks(injection: Injection): Promise<void> {
  const rounds = injection.scale === 'full' ? 40 : 6;
  for (const { replicas } of injection.boards) for (const replica of replicas) replica.steady();
  for (let round = 0; round < rounds; round += 1) {
    const board = injection.random.pick(injection.boards);
    const id = await board.writer.createVisible(`held ${round}`);
    const accepted = Date.now();
    injection.inject();
    await Promise.all(board.replicas.map((replica) => noteDelay(injection, replica, id, accepted)));
  }
}

async function noteDelay(
  injection: Injection,
  replica: Replica,
  id: number,
  accepted: number,
): Promise<void> {
  await injection.until(replica, () => replica.tasks.has(id), heldBoundMs);
  const late = Date.now() - accepted;
  injection.medians.note('an event', { most: heldBoundMs }, late);
  if (!replica.tasks.has(id)) injection.pastBound.push(`task ${id} was not there after ${late} ms`);
}
