import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { OpenSocket, Subscriber } from '../../../core/push/socket.ts';
import { expiryOf, readSocket } from './socket-store.ts';

/** Some subscribers of a workspace; `next` is where the others begin, undefined where there are none. */
export interface SubscriberPage {
  readonly subscribers: readonly Subscriber[];
  readonly next: string | undefined;
}

/**
 * Who is pushed to, in the connections table: the subscribers of a workspace are a partition of their own, so that looking
 * them up costs what they are, whatever streams there are besides.
 */
export class SubscriberStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** Notes a subscriber; what it had subscribed to before is forgotten. */
  async put(subscriber: Subscriber): Promise<void> {
    const item = { ...subscriber, ...keyOf(subscriber), expires: expiryOf(subscriber) };
    await this.#client.send(new PutCommand({ TableName: this.#table, Item: item }));
  }

  /** Forgets a subscriber: nothing is pushed to it any more. */
  async remove(socket: Pick<OpenSocket, 'socket' | 'principal'>): Promise<void> {
    await this.#client.send(new DeleteCommand({ TableName: this.#table, Key: keyOf(socket) }));
  }

  /**
   * Some subscribers, read consistently: who has subscribed before something was logged is pushed to.
   * @param after the `next` of the page before; undefined for the first.
   * @param most the most subscribers in it.
   * @param signal breaks the call off.
   */
  async page(
    workspace: string,
    after: string | undefined,
    most: number,
    signal?: AbortSignal,
  ): Promise<SubscriberPage> {
    const partition = partitionOf(workspace);
    const { Items: items = [], LastEvaluatedKey: last } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'workspace = :partition',
        ExpressionAttributeValues: { ':partition': partition },
        ...(after !== undefined && { ExclusiveStartKey: { workspace: partition, connection: after } }),
        ConsistentRead: true,
        Limit: most,
      }),
      { ...(signal && { abortSignal: signal }) },
    );
    return {
      subscribers: items.map((item) => readSocket(item) as Subscriber),
      next: last?.['connection'] as string | undefined,
    };
  }
}

/** No workspace has a name with `#` in it. */
function partitionOf(workspace: string): string {
  return `${workspace}#push`;
}

function keyOf({ socket, principal }: Pick<OpenSocket, 'socket' | 'principal'>): {
  workspace: string;
  connection: string;
} {
  return { workspace: partitionOf(principal.workspace), connection: socket };
}
