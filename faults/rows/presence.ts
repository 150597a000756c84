import { setTimeout as wait } from 'node:timers/promises';
import type { Board } from '../board/board.ts';
import { oddUser } from '../board/board.ts';
import type { Onlooker } from '../board/onlooker.ts';
import type { Watcher } from '../judge/pictures.ts';
import { expectTold, watch } from '../judge/pictures.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { leastLeaseSeconds, Page } from '../writes/page.ts';
import { SocketMouth } from '../writes/socket-mouth.ts';
import { loseSight } from './presence-trouble.ts';
import { moveAbout } from './private-tasks.ts';
import { createOpen, isAt, judgeAll, openPage, watchAll } from './viewers.ts';

/**
 * How long after the end of its lease a page that crashed may be shown, milliseconds: its neighbours say something every
 * three seconds, and who follows alone looks half a second later.
 */
const leaseOverMs = 4000;

/** Who is there, at which task, and who types: told beside the events of tasks, which neither wait nor suffer. */
export const presenceRows: readonly Row[] = [
  { name: 'viewers that crash', profile: 'presence', run: crashPages },
  { name: 'pages hidden and shown again', profile: 'presence', run: hidePages },
  { name: 'viewers at tasks that become private', profile: 'presence', run: moveAbout },
  { name: 'who is there cannot be read', profile: 'presence', run: loseSight },
];

/** Pages say nothing any more: their users are shown to have gone, whether others still say something or nobody does. */
async function crashPages(injection: Injection): Promise<void> {
  const [here, elsewhere] = injection.boards as readonly [Board, Board];
  const watchers = await watchAll(here);
  const streams = ['alice', 'bob', 'dave'].map((sub) => watch(elsewhere, sub));
  await elsewhere.established();
  await Promise.all([
    injection.writeInWaves(48, 8),
    crashAmongOthers(injection, here, watchers),
    crashAll(injection, elsewhere, streams),
  ]);
}

/** Of one user the only page goes, of another one of two. */
async function crashAmongOthers(
  injection: Injection,
  board: Board,
  watchers: readonly Watcher[],
): Promise<void> {
  const [one, other] = [await createOpen(board, 'open'), await createOpen(board, 'open too')];
  const [alice, bob, bobToo, dave, odd] = ['alice', 'bob', 'bob', 'dave', oddUser].map((sub) =>
    openPage(injection, board, sub),
  ) as [Page, Page, Page, Page, Page];
  const pages = [alice, bob, bobToo, dave, odd];
  await Promise.all(pages.map((page) => page.say('active', page === bobToo ? other : one)));
  await expectTold(injection, watchers, 'bob is at two tasks', isAt('bob', [one, other]));
  await expectTold(injection, watchers, 'all are there', ({ viewers }) => viewers.size === 4);
  for (const page of [alice, bobToo]) {
    page.crash();
    injection.inject();
  }
  await untilLeaseEnds([alice, bobToo]);
  await Promise.all([
    expectGone(injection, watchers, 'alice'),
    expectTold(injection, watchers, 'bob is at one task', isAt('bob', [one]), leaseOverMs),
  ]);
  await judgeAll(injection, watchers, pages);
}

/** Nobody is left who says anything, or who pings: those that follow must see by themselves. */
async function crashAll(injection: Injection, board: Board, watchers: readonly Watcher[]): Promise<void> {
  const pages = ['alice', 'bob'].map((sub) => openPage(injection, board, sub));
  await Promise.all(pages.map((page) => page.say('active')));
  await expectTold(injection, watchers, 'two are there', ({ viewers }) => viewers.size === 2);
  for (const page of pages) {
    page.crash();
    injection.inject();
  }
  await untilLeaseEnds(pages);
  for (const sub of ['alice', 'bob']) await expectGone(injection, watchers, sub);
  await judgeAll(injection, watchers, pages);
}

async function untilLeaseEnds(pages: readonly Page[]): Promise<void> {
  const last = Math.max(...pages.map(({ saidAt }) => saidAt));
  await wait(last + leastLeaseSeconds * 1000 - Date.now());
}

function expectGone(injection: Injection, watchers: readonly Watcher[], sub: string): Promise<void> {
  const isGone = ({ viewers }: Onlooker): boolean => !viewers.has(sub);
  return expectTold(injection, watchers, `${sub} has gone`, isGone, leaseOverMs);
}

/** A page goes into the background and comes back, and another one of the same user is there meanwhile. */
async function hidePages(injection: Injection): Promise<void> {
  const rounds = injection.scale === 'full' ? 12 : 2;
  const hideOn = async (board: Board, watchers: readonly Watcher[]): Promise<void> => {
    const [one, other] = [await createOpen(board, 'open'), await createOpen(board, 'open too')];
    const socket = new SocketMouth(injection.stack.local.url, board.token('alice'));
    const [page, second] = [new Page(socket), openPage(injection, board, 'alice')];
    const dave = openPage(injection, board, 'dave');
    const expectAlice = (state: string | undefined, tasks: readonly number[]): Promise<void> =>
      expectTold(
        injection,
        watchers,
        `alice is ${state} at [${tasks.join()}]`,
        (onlooker) => onlooker.viewers.get('alice')?.state === state && isAt('alice', tasks)(onlooker),
      );
    await Promise.all([page.say('active', one), dave.say('active', other)]);
    await expectAlice('active', [one]);
    for (let round = 0; round < rounds; round += 1) {
      await page.say('hidden', one);
      injection.inject();
      await expectAlice('hidden', []);
      await page.say('active', one);
      await expectAlice('active', [one]);
    }
    await second.say('active', other);
    await expectAlice('active', [one, other]);
    await page.say('hidden');
    injection.inject();
    await expectAlice('active', [other]);
    await second.say('left');
    await expectAlice('hidden', []);
    await page.say('active', one);
    await judgeAll(injection, watchers, [page, second, dave]);
    // Its page leaves with it.
    socket.cut();
  };
  const all = await Promise.all(injection.boards.map(watchAll));
  const plays = injection.boards.map((board, index) => hideOn(board, all[index]!));
  await Promise.all([injection.writeInWaves(48, 8), ...plays]);
}
