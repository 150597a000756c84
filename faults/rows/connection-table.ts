import { paths } from '../../protocol/routes.ts';
import { setTimeout as wait } from 'node:timers/promises';
import type { AwsFault } from '../../local/data/aws-fault.ts';
import { callApi } from '../writes/api.ts';
import { findFirst, forcedEndMs, watchEnds } from '../judge/ends.ts';
import type { Replica } from '../board/replica.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { injectCalls } from './calls.ts';
import { expectEndForGood, fillUser } from './limits.ts';
import { expectRefused, revoke } from './revoke.ts';

/** Time to look twice at what ends streams, and for the SDK to give up. Milliseconds. */
const troubleMs = 6000;

/** How often a revoked token is tried while nobody can look it up. */
const revokedAttempts = 3;

/** Trouble at the connections table: open streams go on, and new ones come later. */
export const connectionTableRows: readonly Row[] = [
  { name: 'connections table busy, streams open', clients: [{}, {}], run: stayOpen },
  { name: 'connections table busy, streams opening', run: openLater },
  { name: 'connections table busy, limit reached', profile: 'limits', clients: [{}, {}], run: evictLater },
  { name: 'connections table busy, revoked token', run: staysRevoked },
];

async function stayOpen(injection: Injection): Promise<void> {
  const { boards, random, failures } = injection;
  await injection.established();
  const faults: readonly AwsFault[] = [{ kind: 'throttle' }, { kind: 'drop', when: 'before' }];
  injectCalls(injection, { functions: ['stream'], table: 'connections', index: 'ended' }, () =>
    random.pick(faults),
  );
  await Promise.all([injection.write(32), wait(troubleMs)]);
  injection.seams.heal();
  for (const { ends, user } of boards.flatMap(({ replicas }) => replicas)) {
    for (const { reason } of ends) failures.push(`a stream of ${user.sub} ended with ${reason}`);
  }
}

/** How items are read, one or several of the same moment. */
const reads = ['GetItem', 'BatchGetItem'];

/** Each step of a stream that opens is refused, one after the other: its client is told of trouble, and gets in later. */
async function openLater(injection: Injection): Promise<void> {
  for (const operations of [reads, ['PutItem', 'BatchWriteItem'], ['Query']]) {
    const before = injection.injected;
    failStreams(injection, ...operations);
    for (const board of injection.boards)
      for (const sub of ['alice', 'bob', 'dave']) await board.joinLate(sub);
    const late = injection.boards.flatMap(({ replicas }) => replicas.slice(-3));
    await expectTrouble(injection, late);
    if (injection.injected === before) injection.failures.push(`no ${operations.join(' or ')} was refused`);
    injection.seams.heal();
    await injection.established();
    await injection.write(24);
  }
}

/** Who comes when an older stream would have to be asked, and cannot be, must wait: no limit is passed. */
async function evictLater(injection: Injection): Promise<void> {
  const { boards } = injection;
  for (const board of boards) {
    await fillUser(board, 'alice');
    const first = await findFirst(injection, board, 'alice');
    failStreams(injection, 'UpdateItem');
    const late = await board.joinLate('alice');
    await expectTrouble(injection, [late]);
    if (first.some(({ ends }) => ends.length > 0))
      injection.failures.push('a stream ended for one that was refused');
    const expectEnds = watchEnds(injection, [first[0]]);
    injection.seams.heal();
    await board.established();
    await expectEnds('liveness_check', forcedEndMs);
    board.dismiss([await expectEndForGood(injection, first)]);
  }
  await injection.write(24);
}

/** Nobody can look a revocation up: who is revoked gets nothing all the same. */
async function staysRevoked(injection: Injection): Promise<void> {
  const { boards, seams } = injection;
  const user = { sub: 'mallory', admin: false };
  const revoked = await Promise.all(
    boards.map(async (board) => {
      const token = await board.sign(user.sub, undefined, user);
      await revoke(injection, board, user.sub);
      return { board, token };
    }),
  );
  injectCalls(injection, { functions: ['stream', 'tasks'], operations: reads, table: 'connections' }, () => ({
    kind: 'throttle',
  }));
  const clients = revoked.map(({ board, token }) => board.join(user.sub, { user, token }));
  await Promise.all([
    ...revoked.map(({ token }) => expectNoList(injection, token)),
    expectTrouble(injection, clients),
  ]);
  seams.heal();
  for (const [index, { board, token }] of revoked.entries()) {
    await expectRefused(injection, token);
    await expectStayedOut(injection, clients[index]!);
    board.dismiss([clients[index]!]);
  }
  await injection.write(16);
}

/** A token that nobody can look up gets no tasks. */
async function expectNoList({ stack, failures }: Injection, token: string): Promise<void> {
  const attempts = Array.from({ length: revokedAttempts }, async () => {
    const { status, body } = await callApi(stack.local.url, token, 'GET', paths.tasks);
    if (body.tasks !== undefined || ![401, 429, 503].includes(status))
      failures.push(`a revoked token that nobody could look up was answered ${status} at /tasks`);
  });
  await Promise.all(attempts);
}

/** A client that came back with a revoked token was refused for good, and never had a stream. */
async function expectStayedOut({ failures }: Injection, client: Replica): Promise<void> {
  const { source, heard } = client;
  await client.until(() => !source.isAlive, troubleMs * 2);
  if (source.finalStatus !== 401) failures.push('a revoked client came back and was not refused');
  if (client.connectionId !== undefined || heard.length > 0) failures.push('a revoked client got a stream');
}

/** Clients that cannot be let in are told so in a way that a native EventSource survives. */
async function expectTrouble({ failures }: Injection, late: readonly Replica[]): Promise<void> {
  await Promise.all(late.map((replica) => replica.until(() => replica.ends.length > 0, troubleMs * 2)));
  for (const { ends, user } of late) {
    if (ends[0]?.reason !== 'trouble') failures.push(`${user.sub} was not told of the trouble`);
  }
}

/** Refuses some operations of the stream function on the connections table. */
function failStreams(injection: Injection, ...operations: readonly string[]): void {
  injectCalls(injection, { functions: ['stream'], operations, table: 'connections' }, () => ({
    kind: 'throttle',
  }));
}
