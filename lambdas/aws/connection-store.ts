import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';

/** An open stream, as the connections table knows it. Times in epoch milliseconds. */
export interface Connection {
  readonly workspace: string;
  readonly user: string;
  readonly id: string;
  readonly connectedAt: number;
  /** When the session ends at the latest; from then on the item does not count. */
  readonly deadline: number;
}

/** The connections table. */
export class ConnectionStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** Notes an open stream. */
  async add(connection: Connection): Promise<void> {
    const { workspace, user, id, connectedAt, deadline } = connection;
    await this.#client.send(
      new PutCommand({
        TableName: this.#table,
        Item: {
          ...keyOf(connection),
          workspace,
          user,
          id,
          connectedAt,
          deadline,
          expires: Math.ceil(deadline / 1000),
        },
      }),
    );
  }

  /** Forgets a stream. */
  async remove(connection: Connection): Promise<void> {
    await this.#client.send(new DeleteCommand({ TableName: this.#table, Key: keyOf(connection) }));
  }

  /** The streams of a workspace that are open at a time, by user. */
  async list(workspace: string, now: number): Promise<readonly Connection[]> {
    const connections: Connection[] = [];
    let after: Record<string, unknown> | undefined;
    do {
      const { Items: items = [], LastEvaluatedKey: lastKey } = await this.#client.send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: 'workspace = :workspace',
          ExpressionAttributeValues: { ':workspace': workspace },
          ...(after && { ExclusiveStartKey: after }),
        }),
      );
      for (const { user, id, connectedAt, deadline } of items) {
        if (deadline > now) connections.push({ workspace, user, id, connectedAt, deadline });
      }
      after = lastKey;
    } while (after);
    return connections;
  }
}

/** Encoding the user keeps `#` for the separator, so that one user's range never holds another's connections. */
function keyOf({ workspace, user, id }: Connection): { workspace: string; connection: string } {
  return { workspace, connection: `${encodeURIComponent(user)}#${id}` };
}
