import { paths } from '../../protocol/routes.ts';
import { setTimeout as wait } from 'node:timers/promises';
import { callApi } from '../writes/api.ts';
import type { Board } from '../board/board.ts';
import { expectNoReturn, findFirst, forcedEndMs, watchEnds } from '../judge/ends.ts';
import type { Replica } from '../board/replica.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { allowanceMs } from '../matrix/row.ts';
import { limits } from '../stack/stack.ts';

/** More streams than a user or a workspace may have. Clients that cut theirs would leave some behind that count. */
const clients = [{}, {}] as const;

export const limitRows: readonly Row[] = [
  { name: 'more streams than a user may have', profile: 'limits', clients, run: exceedUser },
  { name: 'more streams than a workspace may have', profile: 'limits', clients, run: exceedWorkspace },
];

/** All of a user's clients are asked whether they are there; as all are, the oldest has to go, and stays away. */
async function exceedUser(injection: Injection): Promise<void> {
  await injection.write(20);
  await Promise.all(injection.boards.map((board) => exceedUserOf(injection, board)));
  await injection.write(20);
}

async function exceedUserOf(injection: Injection, board: Board): Promise<void> {
  await fillUser(board, 'alice');
  const first = await findFirst(injection, board, 'alice');
  const newest = await board.joinLate('alice');
  await newest.established(forcedEndMs);
  injection.inject();
  const ended = await expectEndForGood(injection, first);
  await expectNoReturn(injection, [ended]);
  board.dismiss([ended]);
  // Time for another question, if they went on.
  await wait(forcedEndMs);
  for (const { ends, user } of board.replicas) {
    // The workspace is full as well: who comes back may have to wait for a place.
    const told = ends.map(({ reason }) => reason).filter((reason) => reason !== 'workspace_limit');
    const reasons = told.join();
    if (reasons !== '' && (reasons !== 'liveness_check' || user.sub !== 'alice'))
      injection.failures.push(`another stream, of ${user.sub}, ended too, with ${reasons}`);
  }
}

/**
 * Waits until each client of a user has been asked once and one of these, which came first, is ended for good.
 * @returns the one that is ended.
 */
export async function expectEndForGood(
  injection: Injection,
  first: readonly [Replica, ...Replica[]],
): Promise<Replica> {
  const ended = (): Replica | undefined =>
    first.find(({ ends }) => ends.some(({ reason }) => reason === 'connection_limit'));
  const boundMs = (limits.perUser + 2) * forcedEndMs + allowanceMs;
  await Promise.race(first.map((replica) => replica.until(() => ended() !== undefined, boundMs)));
  const one = ended();
  if (one === undefined) injection.pastBound.push(`the oldest stream of ${first[0].user.sub} goes on`);
  return one ?? first[0];
}

/** Opens as many streams of a user as it may have. */
export async function fillUser(board: Board, sub: string): Promise<void> {
  const open = board.replicas.filter(({ user }) => user.sub === sub).length;
  for (let count = open; count < limits.perUser; count += 1) await board.joinLate(sub);
  await board.established();
}

/** One that cannot make room is told to come back, and gets in when somebody leaves. */
async function exceedWorkspace(injection: Injection): Promise<void> {
  const { boards, stack, failures } = injection;
  await injection.write(20);
  for (const board of boards) {
    const leaving = [];
    while (board.replicas.length < limits.perWorkspace) leaving.push(await board.joinLate('alice'));
    await board.established();
    const waiting = await board.joinLate('erin');
    const expectEnds = watchEnds(injection, [waiting]);
    injection.inject();
    await expectEnds('workspace_limit', forcedEndMs);
    for (const replica of leaving) {
      const body = { connectionId: replica.connectionId };
      const { status } = await callApi(stack.local.url, board.token('alice'), 'POST', paths.disconnect, {
        body,
      });
      if (status !== 200) failures.push(`a disconnect was answered ${status}`);
    }
    board.dismiss(leaving);
    await board.established();
  }
  await injection.write(20);
}
