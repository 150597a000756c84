import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { EndReason } from '../../protocol/end-reasons.ts';
import type { FaultStack } from './stack.ts';

/** What names an item of the connections table. */
interface ItemKey {
  readonly workspace: string;
  readonly connection: string;
}

/** Asks those of some items of the connections table to end that are connections: revocations and the like have no id. */
export async function askItemsToEnd(
  stack: FaultStack,
  items: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  const open = items.filter(({ id, ended }) => id !== undefined && ended === undefined);
  await Promise.all(open.map((item) => askToEnd(stack, item as unknown as ItemKey)));
}

/** Asks a connection to end. @returns false where it is gone, or was asked before */
export async function askToEnd(stack: FaultStack, { workspace, connection }: ItemKey): Promise<boolean> {
  try {
    await stack.database.send(
      new UpdateCommand({
        TableName: stack.table('connections'),
        Key: { workspace, connection },
        UpdateExpression: 'SET #ended = :reason, endedAt = :now',
        ConditionExpression: 'attribute_exists(#connection) AND attribute_not_exists(#ended)',
        ExpressionAttributeNames: { '#connection': 'connection', '#ended': 'ended' },
        ExpressionAttributeValues: { ':reason': 'disconnected' satisfies EndReason, ':now': Date.now() },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
