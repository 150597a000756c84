import { setTimeout as wait } from 'node:timers/promises';
import type { Board } from '../board/board.ts';
import { oddUser } from '../board/board.ts';
import type { Onlooker } from '../board/onlooker.ts';
import { typingKey } from '../board/onlooker.ts';
import type { Watcher } from '../judge/pictures.ts';
import { expectTold } from '../judge/pictures.ts';
import type { Injection } from '../matrix/row.ts';
import { Page } from '../writes/page.ts';
import { SocketMouth } from '../writes/socket-mouth.ts';
import { createOpen, isAt, judgeAll, openPage, watchAll } from './viewers.ts';

/** Viewers go from task to task, by requests and over WebSockets, while the tasks become private and visible again. */
export async function moveAbout(injection: Injection): Promise<void> {
  const { boards } = injection;
  const stages = await Promise.all(boards.map((board) => setStage(injection, board)));
  await Promise.all([injection.writeInWaves(48, 8), ...stages.map((stage) => play(injection, stage))]);
}

/** A board with its viewers and the tasks that they go to. */
interface Stage {
  readonly board: Board;
  readonly watchers: readonly Watcher[];
  readonly pages: ReadonlyMap<string, Page>;
  readonly sockets: readonly SocketMouth[];
  readonly open: number;
  /** Those that become private, and visible again. */
  readonly flipped: readonly number[];
  /** User → a task that it alone sees, and the admins. */
  readonly own: ReadonlyMap<string, number>;
}

/** Creates a task that one user and the admins see, all along; while nobody else writes. */
async function createPrivate({ writer, ledger }: Board, sub: string): Promise<number> {
  await writer.createFor(sub);
  const { id } = ledger.tasks.at(-1)!;
  writer.leaveAlone(id);
  return id;
}

async function setStage(injection: Injection, board: Board): Promise<Stage> {
  const { url } = injection.stack.local;
  const watchers = await watchAll(board);
  const sockets = [oddUser, 'bob'].map((sub) => new SocketMouth(url, board.token(sub)));
  const pages = new Map([
    ['alice', openPage(injection, board, 'alice')],
    ['dave', openPage(injection, board, 'dave')],
    [oddUser, new Page(sockets[0]!)],
    ['bob', new Page(sockets[1]!)],
  ]);
  const open = await createOpen(board, 'open');
  const flipped = [await createOpen(board, 'flipped'), await createOpen(board, 'flipped too')];
  const own = new Map<string, number>();
  for (const sub of pages.keys()) own.set(sub, await createPrivate(board, sub));
  return { board, watchers, pages, sockets, open, flipped, own };
}

async function play(injection: Injection, stage: Stage): Promise<void> {
  const { watchers, sockets, open } = stage;
  const pages = [...stage.pages.values()];
  const bob = stage.pages.get('bob')!;
  await leavePrivate(injection, stage);
  const strolls = [...stage.pages.keys()].map((sub) => stroll(injection, stage, sub));
  await Promise.all([flip(injection, stage), ...strolls]);
  // Who has said nothing since a task has become visible is shown as it was when it said something.
  await Promise.all(pages.map((page) => page.say('active', open)));
  const others = watchers.filter(({ replica }) => replica.user.sub !== 'bob');
  for (const { replica } of watchers) replica.steady();
  await bob.type(open, true);
  const types = ({ typing }: Onlooker): boolean => typing.includes(typingKey('bob', open));
  await expectTold(injection, others, 'bob types', types);
  await bob.type(open, false);
  await expectTold(injection, watchers, 'nobody types', ({ typing }) => typing.length === 0);
  await judgeAll(injection, watchers, pages);
  for (const socket of sockets) socket.cut();
}

/** A viewer goes away from a task that has become private since it came: nobody else is to see it there any longer. */
async function leavePrivate(injection: Injection, { board, watchers, pages, flipped }: Stage): Promise<void> {
  const [id] = flipped as [number];
  const alice = pages.get('alice')!;
  await alice.say('active', id);
  await expectTold(injection, watchers, 'alice is at a task', isAt('alice', [id]));
  await board.writer.share(id, { visibility: 'private', assignees: ['alice'] });
  injection.inject();
  await alice.say('active');
  await expectTold(injection, watchers, 'alice is at no task', isAt('alice', []));
}

async function flip(injection: Injection, { board, flipped, pages }: Stage): Promise<void> {
  const { random, scale } = injection;
  for (let count = 0; count < (scale === 'full' ? 120 : 16); count += 1) {
    const assignees = random.shuffle([...pages.keys()]).slice(0, random.integer(0, 2));
    const visibility = random.chance(0.6) ? 'private' : 'workspace';
    await board.writer.share(random.pick(flipped), { visibility, assignees });
    injection.inject();
    await wait(random.integer(20, 120));
  }
}

/** Goes from task to task, and types at the one that nobody else may know of. */
async function stroll(injection: Injection, { pages, flipped, own }: Stage, sub: string): Promise<void> {
  const { random, scale } = injection;
  const page = pages.get(sub)!;
  const ownTask = own.get(sub)!;
  await page.type(ownTask, true);
  for (let count = 0; count < (scale === 'full' ? 60 : 12); count += 1) {
    const state = random.chance(0.2) ? 'hidden' : 'active';
    await page.say(state, random.pick([...flipped, ownTask, undefined]), true);
    await wait(random.integer(50, 200));
  }
  await page.type(ownTask, false);
}
