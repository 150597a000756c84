import { setTimeout as wait } from 'node:timers/promises';
import { pathTo, paths } from '../../protocol/routes.ts';
import type { Board } from '../board/board.ts';
import { oddUser } from '../board/board.ts';
import type { Replica } from '../board/replica.ts';
import { expectNoReturn, forcedEndMs, watchEnds } from '../judge/ends.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { callApi } from '../writes/api.ts';
import { expectRevoked, expectSilence, underWrites } from './revocations.ts';
import { expectRefused, revoke } from './revoke.ts';
import { isPush } from './web-sockets.ts';

const sockets = [{ transport: 'socket' }, {}] as const;

/** For so long is listened whether something comes after an end, milliseconds. */
const silenceMs = 1500;

const expirySeconds = 5;

/** By so much the clock of an issuer may be ahead: its tokens are good for that much longer. Source: core/identity. Seconds. */
const leewaySeconds = 5;

/** How long after its end a push that was under way may be taken by API Gateway, on a machine that is not slow. Milliseconds. */
const underWayMs = 2500;

/** Ends of WebSockets in the middle of pushes: nothing is told after them. */
export const webSocketEndRows: readonly Row[] = [
  // The user whose rights are gone writes too.
  {
    name: 'WebSocket revoked in the middle of pushes',
    refusals: ['401'],
    clients: [...sockets],
    run: revokeUnderPushes,
  },
  { name: 'WebSocket that cannot be closed', refusals: ['401'], clients: [...sockets], run: refuseCloses },
  { name: 'WebSocket ended by an admin', clients: [...sockets], run: endByAdmin },
  { name: 'WebSocket whose token expires', clients: [...sockets], run: outliveToken },
];

/** Pushes that take their time, so that there are always some under way. */
function delayPushes({ random, seams }: Injection): void {
  seams.socketCall = (call) =>
    isPush(call) ? { kind: 'delay', milliseconds: random.integer(0, 400) } : undefined;
}

/** Whether a client stays out, and its connection is closed. */
function isOver({ source, ends }: Replica): boolean {
  return !source.isAlive && (ends.length > 0 || source.finalStatus === 401);
}

function victimsOf({ replicas }: Board, sub: string): readonly Replica[] {
  return replicas.filter(({ user, transport }) => user.sub === sub && transport === 'socket');
}

async function revokeUnderPushes(injection: Injection): Promise<void> {
  const { boards } = injection;
  const [here] = boards as readonly [Board, Board];
  const victims = victimsOf(here, oddUser);
  const old = here.token(oddUser);
  delayPushes(injection);
  await underWrites(injection, oddUser, async () => {
    await wait(300);
    await expectRevoked(injection, here, victims, old);
    await wait(silenceMs);
    for (const victim of victims) expectSilence(injection, victim);
  });
  // That a new token goes on from there is proved where streams are revoked, of a user with a client of either kind.
  here.dismiss(victims);
  await injection.write(8);
  for (const { ends, user } of boards[1]!.replicas)
    for (const { reason } of ends)
      injection.failures.push(`a client of ${user.sub} elsewhere ended with ${reason}`);
}

/**
 * API Gateway refuses to close the connections, of one board to send their `end` as well: they stay open, and nothing is told
 * to them. Whoever did not hear of its end hears of it at its next ping.
 */
async function refuseCloses(injection: Injection): Promise<void> {
  const { boards, failures, seams } = injection;
  const [told, untold] = boards.map((board) => victimsOf(board, oddUser)) as [
    readonly Replica[],
    readonly Replica[],
  ];
  let refusesEndFrames = false;
  seams.socketCall = ({ functionName, method }) => {
    if (functionName !== 'connections' || (method === 'POST' && !refusesEndFrames)) return undefined;
    injection.inject();
    return { kind: 'limit' };
  };
  const old = boards.map((board) => board.token(oddUser));
  await underWrites(injection, oddUser, async () => {
    const expectEnds = watchEnds(injection, told);
    await revoke(injection, boards[0]!, oddUser);
    refusesEndFrames = true;
    await revoke(injection, boards[1]!, oddUser);
    const revokedAt = Date.now();
    await expectEnds('revoked', forcedEndMs);
    for (const victim of untold) {
      await injection.until(victim, () => isOver(victim), forcedEndMs);
      const { reason } = victim.ends.at(-1) ?? {};
      if (reason !== 'revoked') failures.push(`a client that was not told of its end ended with ${reason}`);
      const late = victim.heard.filter(
        (one) => one.kind === 'event' && one.at > revokedAt + underWayMs + injection.lagMs,
      );
      if (late.length > 0) failures.push(`a revoked client heard of ${late.length} tasks`);
    }
    // Longer than a push may be under way.
    await wait(5000 + silenceMs);
    for (const victim of told) expectSilence(injection, victim);
    for (const token of old) await expectRefused(injection, token);
  });
  seams.heal();
  boards[0]!.dismiss(told);
  boards[1]!.dismiss(untold);
  await injection.write(8);
}

async function endByAdmin(injection: Injection): Promise<void> {
  const { boards, stack, failures } = injection;
  delayPushes(injection);
  for (const board of boards) {
    const token = await board.sign('bob');
    const victim = await board.joinLate('bob', { token, transport: 'socket' });
    await board.established();
    const expectEnds = watchEnds(injection, [victim]);
    await underWrites(injection, 'bob', async () => {
      await wait(300);
      const path = pathTo(paths.connection, String(victim.connectionId));
      const { status } = await callApi(stack.local.url, board.token('dave'), 'DELETE', path);
      injection.inject();
      if (status !== 200) failures.push(`DELETE /sse/connections/… was answered ${status}`);
      await expectEnds('ended_by_admin', forcedEndMs);
      await expectNoReturn(injection, [victim]);
      await expectRefused(injection, token);
      await wait(1000);
      expectSilence(injection, victim);
    });
    board.dismiss([victim]);
  }
  await injection.write(10);
}

/** With the time of its token nothing is told any more, whatever is written, and a new token goes on from there. */
async function outliveToken(injection: Injection): Promise<void> {
  const { boards, failures } = injection;
  delayPushes(injection);
  const victims: (readonly [Board, Replica])[] = [];
  for (const board of boards) {
    const token = await board.sign('bob', expirySeconds);
    victims.push([board, board.join('bob', { token, transport: 'socket' })]);
    injection.inject();
  }
  const lifeMs = (expirySeconds + leewaySeconds) * 1000;
  const expiresAt = Date.now() + lifeMs;
  await injection.established();
  await underWrites(injection, 'bob', async () => {
    for (const [, victim] of victims) {
      if (!(await injection.until(victim, () => isOver(victim), lifeMs + underWayMs)))
        injection.pastBound.push('a WebSocket outlives its token');
      // An `end` that is late on its way is overtaken by the close: its client comes back, and is refused.
      const { reason } = victim.ends[0] ?? {};
      const wasRefused = reason === undefined && victim.source.finalStatus === 401;
      if (reason !== 'token_expired' && !wasRefused)
        failures.push(`a WebSocket ended with ${reason} and not with token_expired`);
    }
    await wait(Math.max(0, expiresAt + underWayMs - Date.now()) + 1000);
    for (const [, victim] of victims) {
      const late = victim.heard.filter(
        (one) => one.kind === 'event' && one.at > expiresAt + underWayMs + injection.lagMs,
      );
      if (late.length > 0)
        failures.push(`a client heard of ${late.length} tasks after its token had expired`);
    }
  });
  for (const board of boards) await board.signIn();
  for (const [board, victim] of victims) victim.reopen(board.token(victim.user.sub));
  await injection.established();
  await injection.write(16);
}
