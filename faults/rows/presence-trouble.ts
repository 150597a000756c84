import { setTimeout as wait } from 'node:timers/promises';
import type { Board } from '../board/board.ts';
import type { Watcher } from '../judge/pictures.ts';
import { expectTold, toldMs } from '../judge/pictures.ts';
import type { Injection } from '../matrix/row.ts';
import type { Page } from '../writes/page.ts';
import { createOpen, isAt, judgeAll, openPage, watchAll } from './viewers.ts';
import { isPush } from './web-sockets.ts';

/** How long nobody can read who is there and what is said, milliseconds: longer than what is read again at each look. */
const darkMs = 9000;

/** How long a function waits after a read that has failed, milliseconds. */
const troubleMs = 3000;

/** What a task event may take meanwhile: on a stream, and where only a ping finds it. Milliseconds. */
const eventMs = { stream: 1000, socket: 5000 } as const;

/** Longer than the row: what is found when leases end is not what it is about. Seconds. */
const longLeaseSeconds = 300;

/** A board with its viewers. */
interface Stage {
  readonly board: Board;
  readonly watchers: readonly Watcher[];
  readonly open: number;
  readonly pages: readonly [alice: Page, bob: Page, dave: Page];
}

/**
 * Who is there cannot be read by the functions that tell it, while viewers come, move and go: task events are told as ever,
 * those too whose push is lost, and afterwards everybody is told who is there.
 */
export async function loseSight(injection: Injection): Promise<void> {
  const stages = await Promise.all(injection.boards.map((board) => setStage(injection, board)));
  breakReads(injection);
  await Promise.all([
    wait(darkMs),
    injection.writeInWaves(48, 8),
    ...stages.map((stage) => goOn(injection, stage)),
  ]);
  injection.seams.heal();
  await Promise.all(
    stages.map(({ watchers, pages }) => judgeAll(injection, watchers, pages, troubleMs + toldMs)),
  );
}

async function setStage(injection: Injection, board: Board): Promise<Stage> {
  const watchers = await watchAll(board);
  const open = await createOpen(board, 'open');
  const [alice, bob, dave] = ['alice', 'bob', 'dave'].map((sub) =>
    openPage(injection, board, sub, longLeaseSeconds),
  ) as [Page, Page, Page];
  await Promise.all([alice.say('active'), bob.say('active')]);
  await expectTold(injection, watchers, 'two are there', ({ viewers }) => viewers.size === 2);
  return { board, watchers, open, pages: [alice, bob, dave] };
}

function breakReads(injection: Injection): void {
  const { seams, boards, random } = injection;
  const partitions = boards.flatMap(({ workspace }) => [`${workspace}#presence`, `${workspace}#said`]);
  seams.awsCall = ({ functionName, operation, input }) => {
    const text = JSON.stringify(input);
    const isRead = operation === 'Query' && ['stream', 'websocket'].includes(functionName);
    if (!isRead || !partitions.some((partition) => text.includes(`{"S":"${partition}"}`))) return undefined;
    injection.inject();
    return random.chance(0.5) ? { kind: 'throttle' } : { kind: 'drop', when: 'before' };
  };
  seams.socketCall = (call) =>
    isPush(call) && call.text.includes('"type":"task.') && random.chance(0.5) ? { kind: 'lose' } : undefined;
}

/** Viewers say something, and tasks are written, until it is over. */
async function goOn(injection: Injection, { board, watchers, open, pages }: Stage): Promise<void> {
  const [alice, bob, dave] = pages;
  await alice.say('active', open);
  await bob.say('left');
  await dave.say('hidden');
  const until = Date.now() + darkMs;
  const sockets = watchers.filter(({ replica }) => replica.transport === 'socket');
  const shown = 'alice is at a task';
  // It is pushed all the same.
  await expectTold(injection, sockets, shown, isAt('alice', [open]));
  for (let round = 0; round === 0 || Date.now() < until; round += 1) {
    const id = await board.writer.createVisible(`in the dark ${round}`);
    const accepted = Date.now();
    await Promise.all(
      watchers.map(async ({ replica }) => {
        const { transport, user } = replica;
        const boundMs = eventMs[transport];
        const isThere = await injection.until(replica, () => replica.tasks.has(id), boundMs);
        injection.medians.note(`an event over a ${transport}`, { most: boundMs }, Date.now() - accepted);
        if (!isThere) injection.pastBound.push(`task ${id} did not come to ${user.sub} over a ${transport}`);
      }),
    );
  }
}
