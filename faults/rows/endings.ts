import type { EndReason } from '../../protocol/end-reasons.ts';
import { pathTo, paths } from '../../protocol/routes.ts';
import { setTimeout as wait } from 'node:timers/promises';
import { callApi } from '../writes/api.ts';
import type { Board } from '../board/board.ts';
import { oddUser } from '../board/board.ts';
import {
  endConnections,
  expectGone,
  expectNoReturn,
  expectUnauthorized,
  forcedEndMs,
  watchEnds,
} from '../judge/ends.ts';
import type { Replica } from '../board/replica.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { injectCalls } from './calls.ts';
import { expectRefused, revoke } from './revoke.ts';

const leaseSeconds = 10;
const expirySeconds = 15;

/** Longer than streams take to hear of what ends them. Milliseconds. */
const unreadMs = forcedEndMs + 1000;

/** Streams that others end, or that were given little time. */
export const endingRows: readonly Row[] = [
  { name: 'asked to end while nobody can read it', run: askUnread },
  { name: 'disconnected by a beacon', run: disconnect },
  { name: 'ended by an admin', run: endByAdmin },
  // The user whose rights are gone writes too.
  { name: 'rights revoked', refusals: ['401'], run: revokeRights },
  { name: 'lease not renewed', run: loseLease },
  { name: 'token expired', run: outliveToken },
];

/** The clients of a board that stay. */
function stayingOf({ replicas }: Board): readonly Replica[] {
  return replicas.filter((_, index) => index % 2 === 0);
}

/** Writes while streams end, and lets their clients come back on purpose: what they missed is there. */
async function endAndReopen(
  injection: Injection,
  victims: readonly Replica[],
  end: () => Promise<void>,
  reason: EndReason,
): Promise<void> {
  const expectEnds = watchEnds(injection, victims);
  await Promise.all([injection.write(20), end().then(() => expectEnds(reason, forcedEndMs))]);
  await expectNoReturn(injection, victims);
  await injection.write(20);
  for (const victim of victims) victim.reopen();
  await injection.established();
  await injection.write(20);
}

/** What ends streams cannot be read for a while, or is not in the index yet: they end as soon as it can. */
async function askUnread(injection: Injection): Promise<void> {
  const victims = injection.boards.flatMap(stayingOf);
  const ids = new Set(victims.map(({ connectionId }) => connectionId));
  const end = async (): Promise<void> => {
    injectCalls(injection, { table: 'connections', index: 'ended' }, () => ({ kind: 'throttle' }));
    await endConnections(injection, ids);
    await wait(unreadMs);
    if (victims.some(({ ends }) => ends.some(({ reason }) => reason === 'disconnected')))
      injection.failures.push('a stream ended for what nobody could read');
    injection.seams.heal();
  };
  await endAndReopen(injection, victims, end, 'disconnected');
}

/** The beacon of a page that closes: no header, the token in a body that is text. Of another user it ends nothing. */
async function disconnect(injection: Injection): Promise<void> {
  const { boards, stack, failures } = injection;
  const send = async (connectionId: unknown, token: string): Promise<void> => {
    const body = JSON.stringify({ connectionId, token });
    const { status } = await fetch(`${stack.local.url}${paths.disconnect}`, { method: 'POST', body });
    injection.inject();
    if (status !== 200) failures.push(`a beacon was answered ${status}`);
  };
  const victims = boards.map((board) => stayingOf(board)[0]!);
  const others = boards.map((board) => stayingOf(board)[3]!);
  const ends = others.map((other) => other.ends.length);
  const end = async (): Promise<void> => {
    for (const [index, board] of boards.entries()) {
      await send(others[index]!.connectionId, board.token('bob'));
      await send(victims[index]!.connectionId, board.token('alice'));
    }
  };
  await endAndReopen(injection, victims, end, 'disconnected');
  const touched = others.filter((other, index) => other.ends.length !== ends[index]);
  if (touched.length > 0) failures.push('a beacon ended the stream of another user');
}

async function endByAdmin(injection: Injection): Promise<void> {
  const { boards, stack, failures } = injection;
  for (const board of boards) {
    const token = await board.sign('bob');
    const victim = await board.joinLate('bob', { token });
    await board.established();
    const expectEnds = watchEnds(injection, [victim]);
    const path = pathTo(paths.connection, String(victim.connectionId));
    const { status } = await callApi(stack.local.url, board.token('dave'), 'DELETE', path);
    injection.inject();
    if (status !== 200) failures.push(`DELETE /sse/connections/… was answered ${status}`);
    await Promise.all([injection.write(10), expectEnds('ended_by_admin', forcedEndMs)]);
    await expectNoReturn(injection, [victim]);
    await expectRefused(injection, token);
    board.dismiss([victim]);
  }
  await injection.write(10);
}

async function revokeRights(injection: Injection): Promise<void> {
  const { boards } = injection;
  for (const board of boards) {
    const victims = board.replicas.filter(({ user }) => user.sub === 'bob');
    for (const victim of victims) victim.steady();
    await board.established();
    const old = board.token('bob');
    const expectEnds = watchEnds(injection, victims);
    await revoke(injection, board, 'bob');
    injection.inject();
    await Promise.all([injection.write(10), expectEnds('revoked', forcedEndMs)]);
    await expectRefused(injection, old);
    // A token that is issued within the leeway for clocks after the revocation, 5 s, is refused as well.
    await wait(6000);
    await board.signIn();
    for (const victim of victims) victim.reopen(board.token('bob'));
    await board.established();
  }
  await injection.write(20);
}

/** Of two clients with a lease, one renews it until all is written and the other one, which is dead, is gone. */
async function loseLease(injection: Injection): Promise<void> {
  const { boards, stack, failures } = injection;
  const living = boards.map((board) => board.join('alice', { lease: leaseSeconds }));
  const dead = boards.map((board) => board.join(oddUser, { lease: leaseSeconds }));
  await injection.established();
  const renewing = new AbortController();
  const renew = async (): Promise<void> => {
    while (!renewing.signal.aborted) {
      for (const [index, board] of boards.entries()) {
        const body = { connectionId: living[index]!.connectionId };
        const { status } = await callApi(stack.local.url, board.token('alice'), 'POST', paths.lease, {
          body,
        });
        if (status !== 200) failures.push(`a renewed lease was answered ${status}`);
      }
      await wait((leaseSeconds * 1000) / 3);
    }
  };
  for (const { source } of dead) {
    source.freeze();
    injection.inject();
  }
  const ids = dead.map(({ connectionId }) => connectionId);
  const over = Promise.all([injection.write(40), expectGone(injection, ids, leaseSeconds * 1000)]);
  await Promise.all([renew(), over.finally(() => renewing.abort())]);
  for (const { ends } of living)
    if (ends.length > 0) failures.push('a stream ended although its lease was renewed');
  for (const { source } of dead) source.cut();
}

async function outliveToken(injection: Injection): Promise<void> {
  const { boards } = injection;
  const victims: Replica[] = [];
  for (const board of boards) {
    victims.push(board.join('bob', { token: await board.sign('bob', expirySeconds) }));
    injection.inject();
  }
  const expectEnds = watchEnds(injection, victims);
  await injection.established();
  await Promise.all([injection.write(20), expectEnds('token_expired', expirySeconds * 1000)]);
  await expectUnauthorized(injection, victims);
  for (const [index, board] of boards.entries()) victims[index]!.reopen(board.token('bob'));
  await injection.established();
  await injection.write(20);
}
