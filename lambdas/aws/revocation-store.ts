import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { paginateQuery, PutCommand } from '@aws-sdk/lib-dynamodb';
import { isConditionFailure } from './dynamodb.ts';
import type { Revocations } from '../../core/revocation.ts';

/** A user of a workspace. */
interface User {
  readonly workspace: string;
  readonly user: string;
}

/**
 * Revoked rights, in the connections table: beside the connections, under sort keys that no user's connections can have,
 * for those begin with the user and not with `#`.
 */
export class RevocationStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** What is revoked of a user's rights, read consistently: whoever was told of a revocation can rely on it. */
  async read({ workspace, user }: User): Promise<Revocations> {
    const prefix = prefixOf(user);
    const query = {
      TableName: this.#table,
      KeyConditionExpression: 'workspace = :workspace AND begins_with(#connection, :prefix)',
      ExpressionAttributeNames: { '#connection': 'connection' },
      ExpressionAttributeValues: { ':workspace': workspace, ':prefix': prefix },
      ConsistentRead: true,
    };
    const items: Record<string, unknown>[] = [];
    for await (const { Items: page = [] } of paginateQuery({ client: this.#client }, query)) {
      // The embedded database does not tell capitals from small letters here.
      items.push(...page.filter((item) => String(item['connection']).startsWith(prefix)));
    }
    const suffixes = items.map((item) => String(item['connection']).slice(prefix.length));
    const notBefore: unknown = items[suffixes.indexOf('')]?.['notBefore'];
    return {
      notBefore: typeof notBefore === 'number' ? notBefore : undefined,
      tokens: new Set(suffixes.filter((suffix) => suffix !== '')),
    };
  }

  /**
   * Revokes all of a user's tokens that were issued at a time or before, epoch milliseconds. It is kept for good; a later
   * time stays, whatever the clock of this function says.
   */
  async revokeBefore({ workspace, user }: User, notBefore: number): Promise<void> {
    const command = new PutCommand({
      TableName: this.#table,
      Item: { workspace, connection: prefixOf(user), notBefore },
      ConditionExpression: 'attribute_not_exists(notBefore) OR notBefore < :notBefore',
      ExpressionAttributeValues: { ':notBefore': notBefore },
    });
    await this.#client.send(command).catch((error: unknown) => {
      if (!isConditionFailure(error)) throw error;
    });
  }

  /** Revokes one token, by its fingerprint; kept until it expires (epoch milliseconds) anyway. */
  async revokeToken({ workspace, user }: User, fingerprint: string, expiresAt: number): Promise<void> {
    await this.#client.send(
      new PutCommand({
        TableName: this.#table,
        Item: {
          workspace,
          connection: prefixOf(user) + fingerprint,
          expires: Math.ceil(expiresAt / 1000),
        },
      }),
    );
  }
}

function prefixOf(user: string): string {
  return `#revocation#${encodeURIComponent(user)}#`;
}
