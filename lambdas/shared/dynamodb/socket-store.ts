import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { OpenSocket, SocketSubscription } from '../../../core/push/socket.ts';
import { isConditionFailure } from './client.ts';

/** How long an item outlives its socket at the most, seconds: it goes when API Gateway tells of the end. */
const keptSeconds = 3 * 3600;

/**
 * Open WebSockets in the connections table, by the name that API Gateway gives them: an item for each, in a partition of
 * its own. Whatever ends one takes this item away first, so that a message that is being served finds that it is gone.
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
    const expires = Math.ceil(socket.connectedAt / 1000) + keptSeconds;
    await this.#client.send(
      new PutCommand({ TableName: this.#table, Item: { ...socket, ...keyOf(socket.socket), expires } }),
    );
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
   * @returns false where the socket is gone.
   */
  async subscribe(socket: string, subscription: SocketSubscription): Promise<boolean> {
    const command = new UpdateCommand({
      TableName: this.#table,
      Key: keyOf(socket),
      UpdateExpression: 'SET subscription = :subscription',
      ConditionExpression: 'attribute_exists(workspace)',
      ExpressionAttributeValues: { ':subscription': subscription },
    });
    try {
      await this.#client.send(command);
      return true;
    } catch (error) {
      if (isConditionFailure(error)) return false;
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

/** The socket of an item, as `add` and `subscribe` have written it; nobody else does. */
export function readSocket(item: Readonly<Record<string, unknown>>): OpenSocket {
  const { socket, id, principal, connectedAt, expiresAt, subscription } = item as unknown as OpenSocket;
  return { socket, id, principal, connectedAt, expiresAt, subscription };
}
