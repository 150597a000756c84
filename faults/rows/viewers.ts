import type { Board } from '../board/board.ts';
import { oddUser } from '../board/board.ts';
import type { Onlooker } from '../board/onlooker.ts';
import type { Watcher } from '../judge/pictures.ts';
import { expectSamePictures, judgeOnlookers, toldMs, watch } from '../judge/pictures.ts';
import type { Injection } from '../matrix/row.ts';
import { HttpMouth, Page } from '../writes/page.ts';

/** Clients of an empty board over both transports, one of which cuts its stream again and again. */
export async function watchAll(board: Board): Promise<readonly Watcher[]> {
  const socket = { transport: 'socket' } as const;
  const watchers = [
    watch(board, 'alice'),
    watch(board, 'alice', socket),
    watch(board, 'bob', { cutAfter: [2, 20] }),
    watch(board, 'bob', socket),
    watch(board, oddUser),
    watch(board, 'dave', socket),
  ];
  await board.established();
  return watchers;
}

/** A page of a user that says how it is by requests. */
export function openPage({ stack }: Injection, board: Board, sub: string, lease?: number): Page {
  return new Page(new HttpMouth(stack.local.url, board.token(sub)), lease);
}

/** Creates a task whose visibility nobody else changes. */
export async function createOpen({ writer }: Board, name: string): Promise<number> {
  const id = await writer.createVisible(name);
  writer.leaveAlone(id);
  return id;
}

/** Everybody sees the same as who asks, nobody was told what it may not know, and the pages were not refused. */
export async function judgeAll(
  injection: Injection,
  watchers: readonly Watcher[],
  pages: readonly Page[],
  boundMs = toldMs,
): Promise<void> {
  for (const { replica } of watchers) replica.steady();
  await expectSamePictures(injection, watchers, boundMs);
  for (const page of pages) page.crash();
  judgeOnlookers(injection, watchers);
  for (const { refused } of pages) injection.failures.push(...refused);
}

/** Whether a user is shown at these tasks. */
export function isAt(sub: string, tasks: readonly number[]): (onlooker: Onlooker) => boolean {
  return ({ viewers }) => viewers.get(sub)?.tasks.join() === tasks.toSorted((a, b) => a - b).join();
}
