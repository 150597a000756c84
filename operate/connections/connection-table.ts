import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { paginateQuery, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { Connection } from '../../core/connections/connection.ts';
import type { EndReason } from '../../protocol/end-reasons.ts';
import { readState } from '../../lambdas/shared/dynamodb/connection-item.ts';
import { partitionOf } from '../../lambdas/shared/dynamodb/key-range.ts';

/** An open stream or WebSocket, without what it was opened by. Times in epoch milliseconds. */
export interface ListedConnection extends Pick<
  Connection,
  'workspace' | 'user' | 'id' | 'connectedAt' | 'deadline' | 'endedAt'
> {
  readonly transport: 'stream' | 'WebSocket';
  /** What API Gateway calls it, where it is a WebSocket. */
  readonly socket: string | undefined;
  /** When its lease runs out; undefined for one without. */
  readonly leaseUntil: number | undefined;
  /** When its client was last heard of, where it renews a lease; undefined where nobody knows. */
  readonly lastSignAt: number | undefined;
  /** Why it must end, once somebody has said that it must. */
  readonly ended: EndReason | undefined;
}

/** Which connections are meant: those of a workspace, of a user, of both, or all. */
export interface Wanted {
  readonly workspace?: string | undefined;
  readonly user?: string | undefined;
}

/** Fingerprints of tokens are not even read. */
const fields = [
  'workspace',
  'user',
  'id',
  'connectedAt',
  'deadline',
  'endedAt',
  'ended',
  'leaseUntil',
  'leaseSeconds',
  'socket',
] as const;

/** The connections table, as operators see it. */
export class ConnectionTable {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /**
   * The connections that count at a time, those that were asked to end among them, by workspace, user and age. It reads
   * the partition of the workspace, or the whole table.
   * @param now epoch milliseconds.
   * @param onRead told how many items were looked at.
   */
  async list(
    { workspace, user }: Wanted,
    now: number,
    onRead: (items: number) => void,
  ): Promise<readonly ListedConnection[]> {
    const partition = workspace === undefined ? undefined : partitionOf(workspace);
    const input = {
      TableName: this.#table,
      ...partition,
      FilterExpression: '#deadline > :now',
      ProjectionExpression: fields.map((field) => `#${field}`).join(', '),
      ExpressionAttributeNames: Object.fromEntries(fields.map((field) => [`#${field}`, field])),
      ExpressionAttributeValues: { ...partition?.ExpressionAttributeValues, ':now': now },
      ConsistentRead: true,
    };
    const pages =
      partition === undefined
        ? paginateScan({ client: this.#client }, input)
        : paginateQuery({ client: this.#client }, input);
    const found: ListedConnection[] = [];
    for await (const { Items: items = [], ScannedCount: scanned = 0 } of pages) {
      onRead(scanned);
      const connections = items.filter(({ id }) => typeof id === 'string').map(readListed);
      found.push(...connections.filter((each) => user === undefined || each.user === user));
    }
    return found.toSorted(inOrder);
  }
}

function readListed(item: Readonly<Record<string, unknown>>): ListedConnection {
  const { workspace, user, id, connectedAt, deadline, endedAt, socket, leaseSeconds } =
    item as unknown as ListedConnection & { readonly leaseSeconds?: number };
  const { ended, leaseUntil } = readState(item);
  const lastSignAt =
    leaseUntil === undefined || leaseSeconds === undefined ? undefined : leaseUntil - leaseSeconds * 1000;
  const transport = socket === undefined ? 'stream' : 'WebSocket';
  return {
    workspace,
    user,
    id,
    transport,
    socket,
    connectedAt,
    deadline,
    leaseUntil,
    lastSignAt,
    ended,
    endedAt,
  };
}

function inOrder(a: ListedConnection, b: ListedConnection): number {
  return (
    a.workspace.localeCompare(b.workspace) || a.user.localeCompare(b.user) || a.connectedAt - b.connectedAt
  );
}
