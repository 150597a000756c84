import { setTimeout as wait } from 'node:timers/promises';
import { callApi } from '../api.ts';
import type { Board } from '../board.ts';
import { oddUser } from '../board.ts';
import { forcedEndMs, watchEnds } from '../ends.ts';
import type { Injection, Row } from '../row.ts';
import { allowanceMs } from '../row.ts';

/** A token of the very second of a revocation is refused too. Milliseconds. */
const issuerTickMs = 1000;

/** Users at a time whose rights go while their streams open. */
const racers = 12;

/** Rights that an admin takes away at an awkward moment. */
export const revocationRows: readonly Row[] = [
  { name: 'revoked while private tasks are written', clients: [{}, {}], run: revokeUnderWrites },
  { name: 'revoked while connecting', run: raceConnects },
];

async function revoke({ stack, failures }: Injection, board: Board, userId: string): Promise<void> {
  const body = { userId };
  const { status } = await callApi(stack.local.url, board.token('dave'), 'POST', '/sse/revocations', {
    body,
  });
  if (status !== 200) failures.push(`a revocation was answered ${status}`);
}

/** In one workspace: a stream tells of no private task after its bound, and the same name elsewhere notices nothing. */
async function revokeUnderWrites(injection: Injection): Promise<void> {
  const { boards, pastBound, failures } = injection;
  const [here] = boards as readonly [Board, Board];
  const victims = here.replicas.filter(({ user }) => user.sub === oddUser);
  const others = boards.flatMap(({ replicas }) => replicas).filter((replica) => !victims.includes(replica));
  const over = new AbortController();
  const write = async ({ writer }: Board): Promise<void> => {
    while (!over.signal.aborted) {
      await writer.createFor(oddUser);
      await wait(50);
    }
  };
  const end = async (): Promise<void> => {
    await wait(200);
    const expectEnds = watchEnds(injection, victims);
    await revoke(injection, here, oddUser);
    injection.inject();
    const latest = Date.now() + forcedEndMs + allowanceMs;
    await expectEnds('revoked', forcedEndMs);
    await wait(issuerTickMs);
    for (const heard of victims.flatMap((victim) => victim.heard)) {
      if (heard.kind === 'event' && heard.at > latest) pastBound.push('a revoked user heard of a task');
    }
  };
  await Promise.all([end().finally(() => over.abort()), ...boards.map(write)]);
  await here.signIn();
  for (const victim of victims) victim.reopen(here.token(oddUser));
  await injection.established();
  await injection.write(16);
  for (const { ends, user } of others) {
    for (const { reason } of ends) failures.push(`a stream of ${user.sub} ended too, with ${reason}`);
  }
}

/** At all moments of the opening: no stream of such a user is open for long. */
async function raceConnects(injection: Injection): Promise<void> {
  const { boards, random, seams, scale } = injection;
  // Between any two steps of a stream that opens there is time for a whole revocation.
  seams.awsCall = (call) => {
    const isRace = call.operation !== 'BatchGetItem' && JSON.stringify(call.input).includes('racer-');
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
  await wait(revoking);
  await revoke(injection, board, user.sub);
  const replica = await open;
  injection.inject();
  const deadline = Date.now() + forcedEndMs + allowanceMs;
  while (replica.source.isAlive && replica.ends.length === 0 && Date.now() < deadline) await wait(50);
  const [end] = replica.ends;
  if (end === undefined && replica.source.finalStatus !== 401)
    pastBound.push(`a stream of ${user.sub} goes on`);
  if (end !== undefined && end.reason !== 'revoked')
    failures.push(`${user.sub} was ended with ${end.reason}`);
  board.dismiss([replica]);
}
