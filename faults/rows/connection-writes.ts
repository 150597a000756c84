import { paths } from '../../protocol/routes.ts';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { ApiAnswer } from '../writes/api.ts';
import { callApi } from '../writes/api.ts';
import type { Board } from '../board/board.ts';
import { forcedEndMs, openConnections, watchEnds } from '../judge/ends.ts';
import type { Replica } from '../board/replica.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { injectCalls } from './calls.ts';
import { expectRefused } from './revoke.ts';

const leaseSeconds = 60;

/** How often each write is asked for: some come through, and some do not. */
const rounds = { short: 3, full: 12 } as const;

/** What an admin, a page or a lease writes about streams while the table refuses writes: done, or told that it is not. */
export const connectionWriteRows: readonly Row[] = [
  { name: 'throttled: writes about connections', clients: [{}, {}], run: writeThrottled },
];

type Send = (board: Board, sub: string, path: string, body: object) => Promise<ApiAnswer>;

async function writeThrottled(injection: Injection): Promise<void> {
  const { boards, scale, seams, stack, failures } = injection;
  const send: Send = async (board, sub, path, body) => {
    const answer = await callApi(stack.local.url, board.token(sub), 'POST', path, { body });
    if (answer.status !== 200 && answer.status !== 429)
      failures.push(`POST ${path} was answered ${answer.status} ${answer.body.code}`);
    return answer;
  };
  for (let round = 0; round < rounds[scale]; round += 1) {
    const all = await Promise.all(boards.map((board) => openVictims(board, round)));
    await injection.established();
    const writes = ['PutItem', 'UpdateItem', 'DeleteItem'];
    injectCalls(injection, { functions: ['connections'], operations: writes, probability: 0.8 }, () => ({
      kind: 'throttle',
    }));
    const checks = await Promise.all(
      all.flatMap((victims) => [
        disconnect(injection, victims, send),
        renewLease(injection, victims, send),
        revokeUser(injection, victims, send),
      ]),
    );
    seams.heal();
    await Promise.all([injection.write(8), ...checks.map((check) => check())]);
    for (const { board, leaving, leased, revoked } of all) board.dismiss([leaving, leased, revoked]);
  }
}

interface Victims {
  readonly board: Board;
  readonly leaving: Replica;
  readonly leased: Replica;
  readonly revoked: Replica;
  readonly token: string;
}

async function openVictims(board: Board, round: number): Promise<Victims> {
  const user = { sub: `fired-${round}`, admin: false };
  const token = await board.sign(user.sub, undefined, user);
  const revoked = board.join(user.sub, { user, token });
  const [leaving, leased] = [
    await board.joinLate('alice'),
    await board.joinLate('bob', { lease: leaseSeconds }),
  ];
  return { board, leaving, leased, revoked, token };
}

/** Looks whether what was promised has come true. */
type Check = () => Promise<void>;

async function disconnect(injection: Injection, { board, leaving }: Victims, send: Send): Promise<Check> {
  const expectEnds = watchEnds(injection, [leaving]);
  const { connectionId } = leaving;
  const { status } = await send(board, 'alice', paths.disconnect, { connectionId });
  return async () => {
    if (status === 200) await expectEnds('disconnected', forcedEndMs);
  };
}

async function renewLease(injection: Injection, { board, leased }: Victims, send: Send): Promise<Check> {
  const { connectionId } = leased;
  const { status, body } = await send(board, 'bob', paths.lease, { connectionId });
  return async () => {
    if (status !== 200) return;
    const promised = Date.parse(String((body as { readonly expiresAt?: string }).expiresAt));
    const leaseUntil = await readLease(injection, board, connectionId);
    if (leaseUntil !== promised)
      injection.failures.push(
        `a lease to ${promised} was promised, and it is ${String(leaseUntil)} in the table`,
      );
  };
}

async function readLease(injection: Injection, board: Board, id: unknown): Promise<unknown> {
  const { stack } = injection;
  const found = (await openConnections(injection, board)).find((open) => open.id === id);
  const Key = { workspace: board.workspace, connection: found?.connection };
  const { Item: item } = await stack.database.send(
    new GetCommand({ TableName: stack.table('connections'), Key, ConsistentRead: true }),
  );
  return item?.['leaseUntil'];
}

async function revokeUser(injection: Injection, victims: Victims, send: Send): Promise<Check> {
  const { board, revoked, token } = victims;
  const expectEnds = watchEnds(injection, [revoked]);
  const { status } = await send(board, 'dave', paths.revocations, { userId: revoked.user.sub });
  return async () => {
    if (status !== 200) return;
    await expectEnds('revoked', forcedEndMs);
    await expectRefused(injection, token);
  };
}
