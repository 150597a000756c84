import { setTimeout as wait } from 'node:timers/promises';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { EndReason } from '../../protocol/end-reasons.ts';
import type { Board } from '../board/board.ts';
import type { Replica } from '../board/replica.ts';
import type { Injection } from '../matrix/row.ts';
import { askToEnd } from '../stack/ask-to-end.ts';

/** How often is looked whether something has ended, milliseconds. */
const lookMs = 50;

/** What others write into the item of a stream ends it within this time. Source: docs/PROTOCOL.md. Milliseconds. */
export const forcedEndMs = 5000;

/** What a terminal end tells EventSource to wait: a day, in milliseconds. */
const terminalRetryMs = 86_400_000;

/** Waits until the streams that are watched have ended; those that do not in time are past their bound. */
export type ExpectEnds = (reason: EndReason, boundMs: number) => Promise<void>;

/**
 * Begins to watch the streams of some clients.
 * @returns to be called when their ends have been brought about: whatever ended them must have had the reason given.
 */
export function watchEnds(injection: Injection, replicas: readonly Replica[]): ExpectEnds {
  const before = new Map(replicas.map((replica) => [replica, replica.ends.length]));
  return async (reason, boundMs) => {
    const began = Date.now();
    await Promise.all(
      replicas.map(async (replica) => {
        const ended = (): boolean => replica.ends.length > before.get(replica)!;
        await injection.until(replica, ended, boundMs);
        const deadline = began + boundMs + injection.allowanceMs;
        const { sub } = replica.user;
        const [end] = replica.ends.slice(before.get(replica));
        if (end === undefined)
          injection.pastBound.push(`a stream of ${sub} goes on, and not ended by ${reason}`);
        else if (end.reason !== reason) {
          injection.failures.push(`a stream of ${sub} ended with ${end.reason} and not with ${reason}`);
        } else if (end.at > deadline)
          injection.pastBound.push(`a stream of ${sub} ended late with ${reason}`);
        injection.medians.note(`an end with ${reason}`, { most: boundMs }, (end?.at ?? deadline) - began);
      }),
    );
  };
}

/** Lets clients come back by themselves after a terminal end, as a browser does a day later: they must be told to stop. */
export async function expectNoReturn(injection: Injection, replicas: readonly Replica[]): Promise<void> {
  const { failures } = injection;
  const comeBack = async (replica: Replica): Promise<void> => {
    const {
      source,
      user: { sub },
    } = replica;
    if (replica.transport === 'socket') {
      // Its client obeys; that its token opens nothing is asked where it is revoked.
      if (source.isAlive) failures.push(`a WebSocket of ${sub} was not told to stay away`);
      return;
    }
    if (source.retryMs !== terminalRetryMs) failures.push(`${sub} was to come back in ${source.retryMs} ms`);
    source.cut();
    await injection.until(replica, () => !source.isAlive || source.isConnected, 0);
    const { finalStatus: status = 'with a stream' } = source;
    if (status !== 204)
      failures.push(`${sub} came back by itself after a terminal end and was answered ${status}`);
  };
  await Promise.all(replicas.map(comeBack));
}

/** Waits until clients have come back by themselves with a token that has expired: a page sees that it is refused. */
export async function expectUnauthorized(injection: Injection, replicas: readonly Replica[]): Promise<void> {
  const { failures } = injection;
  for (const replica of replicas) {
    await injection.until(replica, () => !replica.source.isAlive, 0);
    const { finalStatus: status = 'with a stream' } = replica.source;
    if (status !== 401)
      failures.push(`${replica.user.sub} came back with an old token and was answered ${status}`);
  }
}

/** The item of a stream. */
export interface OpenConnection {
  readonly id: string;
  readonly workspace: string;
  readonly connection: string;
  /** What API Gateway calls it; a stream has none. */
  readonly socket?: string;
  /** Epoch milliseconds. */
  readonly connectedAt: number;
  /** When its client first came, epoch milliseconds. */
  readonly born?: number;
}

/** The streams of a board that the connections table knows. */
export async function openConnections(
  { stack }: Injection,
  { workspace }: Board,
): Promise<readonly OpenConnection[]> {
  const { Items: items = [] } = await stack.database.send(
    new QueryCommand({
      TableName: stack.table('connections'),
      KeyConditionExpression: 'workspace = :workspace',
      ExpressionAttributeValues: { ':workspace': workspace },
      ConsistentRead: true,
    }),
  );
  return items as OpenConnection[];
}

/**
 * The clients of a user that came first, as the connections table has it, in the order in which they are asked. They are
 * several where they came in the same millisecond: any of them may be the one that has to go.
 */
export async function findFirst(
  injection: Injection,
  board: Board,
  sub: string,
): Promise<readonly [Replica, ...Replica[]]> {
  const replicas = new Map(
    board.replicas.filter(({ user }) => user.sub === sub).map((replica) => [replica.connectionId, replica]),
  );
  const items = (await openConnections(injection, board)).filter(({ id }) => replicas.has(id));
  const [first, ...others] = firstOf(items).map(({ id }) => replicas.get(id)!);
  if (first === undefined) throw new Error(`${sub} has no open stream`);
  return [first, ...others];
}

/** Those of some streams whose clients came first, in the order in which they are asked. */
export function firstOf<Came extends Pick<OpenConnection, 'id' | 'born' | 'connectedAt'>>(
  streams: readonly Came[],
): readonly Came[] {
  const cameAt = ({ born, connectedAt }: Came): number => born ?? connectedAt;
  const first = Math.min(...streams.map(cameAt));
  return streams
    .filter((stream) => cameAt(stream) === first)
    .toSorted((a, b) => a.connectedAt - b.connectedAt || (a.id < b.id ? -1 : 1));
}

/** Asks some connections to end, by their ids, as the beacon of a page does. @returns how many there were */
export async function endConnections(injection: Injection, ids: ReadonlySet<unknown>): Promise<number> {
  const { boards, stack } = injection;
  let asked = 0;
  for (const board of boards) {
    for (const item of await openConnections(injection, board))
      if (ids.has(item.id) && (await askToEnd(stack, item))) asked += 1;
  }
  return asked;
}

/** Waits until streams are forgotten by the connections table; those that are not in time are past their bound. */
export async function expectGone(
  injection: Injection,
  ids: readonly unknown[],
  boundMs: number,
): Promise<void> {
  const began = Date.now();
  let left = ids;
  for (let lookedAt = 0; left.length > 0 && lookedAt < began + boundMs + injection.allowanceMs;) {
    await wait(lookMs);
    lookedAt = Date.now();
    const lists = await Promise.all(injection.boards.map((board) => openConnections(injection, board)));
    const open = new Set<unknown>(lists.flat().map(({ id }) => id));
    left = left.filter((id) => open.has(id));
  }
  for (const id of left) injection.pastBound.push(`the session ${String(id)} of a dead client goes on`);
}
