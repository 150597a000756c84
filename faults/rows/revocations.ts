import { setTimeout as wait } from 'node:timers/promises';
import type { Board } from '../board/board.ts';
import { oddUser } from '../board/board.ts';
import { expectNoReturn, forcedEndMs, watchEnds } from '../judge/ends.ts';
import type { Replica } from '../board/replica.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { expectRefused, revoke } from './revoke.ts';

/** A token that is issued within the leeway for clocks after a revocation, 5 s, is refused too. Milliseconds. */
const issuerTickMs = 6000;

/** Users at a time whose rights go while their streams open. */
const racers = 12;

/** Between two tasks that are written for a user. Milliseconds. */
const betweenWritesMs = 200;

/** Rights that an admin takes away at an awkward moment. */
export const revocationRows: readonly Row[] = [
  { name: 'revoked while private tasks are written', clients: [{}, {}], run: revokeUnderWrites },
  { name: 'revoked while connecting', run: raceConnects },
];

/** In one workspace: a stream tells of no private task after its bound, and the same name elsewhere notices nothing. */
async function revokeUnderWrites(injection: Injection): Promise<void> {
  const { boards, failures } = injection;
  const [here] = boards as readonly [Board, Board];
  const victims = here.replicas.filter(({ user }) => user.sub === oddUser);
  const others = boards.flatMap(({ replicas }) => replicas).filter((replica) => !victims.includes(replica));
  const old = here.token(oddUser);
  await underWrites(injection, oddUser, async () => {
    await wait(200);
    await expectRevoked(injection, here, victims, old);
    await wait(issuerTickMs);
    for (const victim of victims) expectSilence(injection, victim);
  });
  await here.signIn();
  for (const victim of victims) victim.reopen(here.token(oddUser));
  await injection.established();
  await injection.write(16);
  for (const { ends, user } of others) {
    for (const { reason } of ends) failures.push(`a stream of ${user.sub} ended too, with ${reason}`);
  }
}

/** Revokes the rights of `oddUser`: its clients end in time and stay out, and its token opens nothing. */
export async function expectRevoked(
  injection: Injection,
  board: Board,
  victims: readonly Replica[],
  token: string,
): Promise<void> {
  const expectEnds = watchEnds(injection, victims);
  await revoke(injection, board, oddUser);
  injection.inject();
  await expectEnds('revoked', forcedEndMs);
  await expectRefused(injection, token);
  await expectNoReturn(injection, victims);
}

/** A user whose stream was ended hears of no task any more. */
export function expectSilence({ failures }: Injection, { ends, heard, user }: Replica): void {
  const saidAt = ends[0]?.saidAt ?? Infinity;
  const late = heard.filter((one) => one.kind === 'event' && one.at > saidAt);
  if (late.length > 0) failures.push(`${user.sub} heard of ${late.length} tasks after the end`);
}

/** At all moments of the opening: no stream of such a user is open for long. */
async function raceConnects(injection: Injection): Promise<void> {
  const { boards, random, seams, scale } = injection;
  // Between any two steps of a stream that opens there is time for a whole revocation.
  seams.awsCall = (call) => {
    const isRace = JSON.stringify(call.input).includes('racer-');
    if (!isRace || !injection.isOurs(call)) return undefined;
    return { kind: 'delay', milliseconds: random.integer(0, call.functionName === 'stream' ? 300 : 30) };
  };
  for (let round = 0; round < (scale === 'full' ? 8 : 1); round += 1) {
    const numbers = Array.from({ length: racers }, (_, index) => round * racers + index);
    await Promise.all(boards.flatMap((board) => numbers.map((number) => race(injection, board, number))));
  }
  await injection.write(16);
}

async function race(injection: Injection, board: Board, number: number): Promise<void> {
  const { random, pastBound, failures } = injection;
  const user = { sub: `racer-${number}`, admin: false };
  const token = await board.sign(user.sub, undefined, user);
  const [opening, revoking] = [random.integer(0, 100), random.integer(0, 600)];
  const open = wait(opening).then(() => board.join(user.sub, { user, token }));
  const revoked = wait(revoking).then(() => revoke(injection, board, user.sub));
  const replica = await open;
  const over = new AbortController();
  const writing = writeFor(board, user.sub, over.signal);
  await revoked;
  injection.inject();
  const began = Date.now();
  const isOut = (): boolean => !replica.source.isAlive || replica.ends.length > 0;
  await injection.until(replica, isOut, forcedEndMs);
  const [end] = replica.ends;
  if (end === undefined && replica.source.finalStatus !== 401)
    pastBound.push(`a stream of ${user.sub} goes on`);
  injection.medians.note('the end of a stream that opens', { most: forcedEndMs }, Date.now() - began);
  if (end !== undefined && end.reason !== 'revoked')
    failures.push(`${user.sub} was ended with ${end.reason}`);
  await expectRefused(injection, token);
  if (end !== undefined) await expectNoReturn(injection, [replica]);
  over.abort();
  await writing;
  expectSilence(injection, replica);
  board.dismiss([replica]);
}

/** Writes private tasks of a user to each board until something has been done. */
export async function underWrites(
  injection: Injection,
  sub: string,
  act: () => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  await Promise.all([
    act().finally(() => over.abort()),
    ...injection.boards.map((board) => writeFor(board, sub, over.signal)),
  ]);
}

/** Writes tasks that only one user and the admins see, until the signal is aborted. */
async function writeFor({ writer }: Board, sub: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await writer.createFor(sub);
    await wait(betweenWritesMs);
  }
}
