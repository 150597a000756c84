import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Principal } from '../../../core/subscription/principal.ts';
import { isConditionFailure } from './client.ts';

/** The least time between two of one user, milliseconds; a little less than what clients are told. */
const pauseMs = 900;

const keptSeconds = 60;

/** At what somebody typed last. */
export interface LastTyping {
  readonly task: number;
  /** Epoch milliseconds. */
  readonly until: number;
}

/** Where users say that they type, in the connections table: an item for each. */
export class TypingStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /**
   * Notes at what a user types, or that it has stopped, which changes nothing where it types at another task.
   * @param typing its `until` is not after `now` where the user has stopped.
   * @param now epoch milliseconds.
   * @returns what the user typed at before; undefined where nothing was changed by a stop, or nothing was there;
   *   `too_often` for one who says again too soon that it types.
   */
  async note(
    { workspace, user }: Principal,
    { task, until }: LastTyping,
    now: number,
  ): Promise<LastTyping | undefined | 'too_often'> {
    const hasStopped = until <= now;
    const command = new UpdateCommand({
      TableName: this.#table,
      // No workspace has a name with `#` in it.
      Key: { workspace: `${workspace}#typing`, connection: encodeURIComponent(user) },
      UpdateExpression: `SET task = :task, #until = :until, expires = :expires${hasStopped ? '' : ', #at = :now'}`,
      ConditionExpression: hasStopped ? 'task = :task' : 'attribute_not_exists(#at) OR #at <= :before',
      ExpressionAttributeNames: { '#until': 'until', ...(!hasStopped && { '#at': 'at' }) },
      ExpressionAttributeValues: {
        ':task': task,
        ':until': until,
        ':expires': Math.ceil(until / 1000) + keptSeconds,
        ...(!hasStopped && { ':now': now, ':before': now - pauseMs }),
      },
      ReturnValues: 'ALL_OLD',
    });
    try {
      const { Attributes: before } = await this.#client.send(command);
      // Nobody else writes it.
      return before as LastTyping | undefined;
    } catch (error) {
      if (isConditionFailure(error)) return hasStopped ? undefined : 'too_often';
      throw error;
    }
  }
}
