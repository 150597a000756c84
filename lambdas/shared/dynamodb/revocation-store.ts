import { setTimeout as wait } from 'node:timers/promises';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Cut, KeptRevocations, Revocations } from '../../../core/connections/revocation.ts';
import { withTokens } from '../../../core/connections/revocation.ts';
import { isConditionFailure } from './client.ts';
import type { Item, Items } from './items.ts';
import { SingleItems } from './items.ts';

/** A user of a workspace. */
interface User {
  readonly workspace: string;
  readonly user: string;
}

/** How often a write starts again when others write the same item in between. */
const attempts = 10;

/** How long it waits before the next try, milliseconds for each try so far, at the most. */
const retryMs = 40;

/** The sort key of the one item of a user's partition. */
const sortKey = '#';

/**
 * Revoked rights, in the connections table: one item for each user who has any, in a partition of its own, so that reading
 * it weighs upon nobody else's and costs the same whatever was revoked. It goes when no token that it refuses can live.
 */
export class RevocationStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #items: Items;

  constructor(client: DynamoDBDocumentClient, table: string, items: Items = new SingleItems(client, table)) {
    this.#client = client;
    this.#table = table;
    this.#items = items;
  }

  /** What is revoked of a user's rights, read consistently: whoever was told of a revocation can rely on it. One read unit. */
  async read(user: User): Promise<Revocations> {
    const { notBefore, tokens } = readRevocations(await this.#readItem(user));
    return { notBefore, tokens: new Set(tokens.keys()) };
  }

  /** Revokes all of a user's tokens up to a cut; a later one stays, whatever the clock of this function says. */
  async revokeBefore(user: User, { notBefore, expiresAt }: Cut): Promise<void> {
    await this.#change(user, (before) => ({
      ...before,
      notBefore: Math.max(before.notBefore ?? -Infinity, notBefore),
      expiresAt: Math.max(before.expiresAt, expiresAt),
    }));
  }

  /**
   * Revokes single tokens of a user, or, where that would be too many, all up to a cut.
   * @param tokens their fingerprints, and when they expire, epoch milliseconds.
   * @param now epoch milliseconds.
   */
  async revokeTokens(
    user: User,
    tokens: readonly (readonly [fingerprint: string, expiresAt: number])[],
    now: number,
    cut: Cut,
  ): Promise<void> {
    if (tokens.length > 0) await this.#change(user, (before) => withTokens(before, tokens, now, cut));
  }

  async #change(user: User, change: (before: KeptRevocations) => KeptRevocations): Promise<void> {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const item = await this.#readItem(user);
      const after = change(readRevocations(item));
      if (await this.#put(user, after, readRevision(item))) return;
      // Those who came together must not come together again.
      await wait(Math.random() * attempt * retryMs);
    }
    throw new Error('others kept writing the revocations of this user');
  }

  /** @returns false when somebody else was faster. */
  async #put(
    user: User,
    { notBefore, tokens, expiresAt }: KeptRevocations,
    revision: number,
  ): Promise<boolean> {
    const command = new PutCommand({
      TableName: this.#table,
      Item: {
        ...keyOf(user),
        ...(notBefore !== undefined && { notBefore }),
        tokens: Object.fromEntries(tokens),
        revision: revision + 1,
        expires: Math.ceil(expiresAt / 1000),
      },
      ConditionExpression: revision === 0 ? 'attribute_not_exists(workspace)' : 'revision = :revision',
      ...(revision > 0 && { ExpressionAttributeValues: { ':revision': revision } }),
    });
    try {
      await this.#client.send(command);
      return true;
    } catch (error) {
      if (isConditionFailure(error)) return false;
      throw error;
    }
  }

  #readItem(user: User): Promise<Item | undefined> {
    return this.#items.get(keyOf(user), 'consistent');
  }
}

function keyOf({ workspace, user }: User): { workspace: string; connection: string } {
  return { workspace: `${workspace}#revocation#${encodeURIComponent(user)}`, connection: sortKey };
}

function readRevision(item: Item | undefined): number {
  return typeof item?.['revision'] === 'number' ? item['revision'] : 0;
}

function readRevocations(item: Item | undefined): KeptRevocations {
  const { notBefore, tokens, expires } = item ?? {};
  const entries = Object.entries((tokens ?? {}) as Record<string, number>);
  return {
    notBefore: typeof notBefore === 'number' ? notBefore : undefined,
    tokens: new Map(entries),
    expiresAt: typeof expires === 'number' ? expires * 1000 : 0,
  };
}
