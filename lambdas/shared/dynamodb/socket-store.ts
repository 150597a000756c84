import type { DynamoDBDocumentClient, UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { EndReason } from '../../../protocol/end-reasons.ts';
import { isEndReason } from '../../../protocol/end-reasons.ts';
import type { OpenSocket, SocketSubscription } from '../../../core/push/socket.ts';
import { isConditionFailure } from './client.ts';

/** How long an item outlives its socket at the most, seconds: it goes when API Gateway tells of the end. */
const keptSeconds = 3 * 3600;

/**
 * Open WebSockets in the connections table, by the name that API Gateway gives them: an item for each, in a partition of
 * its own. Whatever ends one says so here first, so that a message that is being served finds that it must end.
 */
export class SocketStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** Notes a socket that opens. */
  async add(socket: OpenSocket): Promise<void> {
    const item = { ...socket, ...keyOf(socket.socket), expires: expiryOf(socket) };
    await this.#client.send(new PutCommand({ TableName: this.#table, Item: item }));
  }

  /** A socket, read consistently; undefined where there is none, or none any more. It costs one read unit. */
  async find(socket: string): Promise<OpenSocket | undefined> {
    const { Item: item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: keyOf(socket), ConsistentRead: true }),
    );
    return item && readSocket(item);
  }

  /**
   * Notes what the client of a socket has subscribed to.
   * @returns false where the socket is gone or must end.
   */
  async subscribe(socket: string, subscription: SocketSubscription): Promise<boolean> {
    const found = await this.#update(socket, {
      UpdateExpression: 'SET subscription = :subscription',
      ConditionExpression: 'attribute_exists(workspace) AND attribute_not_exists(ended)',
      ExpressionAttributeValues: { ':subscription': subscription },
    });
    return found !== undefined;
  }

  /**
   * Notes that a socket must end.
   * @returns why: who said so first is right; undefined where the socket is gone.
   */
  async markEnded(socket: string, reason: EndReason): Promise<EndReason | undefined> {
    const found = await this.#update(socket, {
      UpdateExpression: 'SET ended = if_not_exists(ended, :reason)',
      ConditionExpression: 'attribute_exists(workspace)',
      ExpressionAttributeValues: { ':reason': reason },
    });
    return found?.ended;
  }

  /** The socket after an update; undefined where its condition does not hold. */
  async #update(
    socket: string,
    update: Omit<UpdateCommandInput, 'TableName' | 'Key' | 'ReturnValues'>,
  ): Promise<OpenSocket | undefined> {
    const target = { TableName: this.#table, Key: keyOf(socket), ReturnValues: 'ALL_NEW' } as const;
    try {
      const { Attributes: item } = await this.#client.send(new UpdateCommand({ ...target, ...update }));
      return item && readSocket(item);
    } catch (error) {
      if (isConditionFailure(error)) return undefined;
      throw error;
    }
  }

  /** Forgets a socket. */
  async remove(socket: string): Promise<void> {
    await this.#client.send(new DeleteCommand({ TableName: this.#table, Key: keyOf(socket) }));
  }
}

/** No workspace has a name with `#` in it. */
function keyOf(socket: string): { workspace: string; connection: string } {
  return { workspace: `#socket#${socket}`, connection: '#' };
}

/** When an item of a socket goes though API Gateway has not told of its end, epoch seconds. */
export function expiryOf({ connectedAt }: Pick<OpenSocket, 'connectedAt'>): number {
  return Math.ceil(connectedAt / 1000) + keptSeconds;
}

/** The socket of an item, as `add` and `subscribe` have written it; nobody else does. */
export function readSocket(item: Readonly<Record<string, unknown>>): OpenSocket {
  const { socket, id, principal, connectedAt, expiresAt, ended, subscription } =
    item as unknown as OpenSocket;
  // A reason of a newer version ends it all the same.
  const reason = ended === undefined || isEndReason(ended) ? ended : 'disconnected';
  return { socket, id, principal, connectedAt, expiresAt, ended: reason, subscription };
}
