import { DatabaseError } from './database-client.ts';
import type { DatabaseClient } from './database-client.ts';
import type { LocalTable } from './tables.ts';

type Item = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const pageSize = 500;

/** DynamoDB leaves items alone that expired more than five years ago. Source: "Time to Live", how it works. */
const oldestSeconds = 5 * 365 * 86_400;

/**
 * Deletes the items whose time to live is over, as DynamoDB does by itself and dynoxide does not.
 * @param now epoch seconds.
 * @returns how many items it deleted.
 */
export async function sweepExpiredItems(
  database: DatabaseClient,
  table: LocalTable,
  now: number,
): Promise<number> {
  const attribute = table.timeToLiveAttribute;
  if (attribute === undefined) return 0;
  const expired = {
    names: { '#ttl': attribute },
    values: { ':now': { N: String(now) }, ':oldest': { N: String(now - oldestSeconds) } },
    condition: '#ttl < :now AND #ttl > :oldest',
  };
  const keyNames = Object.fromEntries(table.keyAttributes.map((name, index) => [`#k${index}`, name]));
  let deleted = 0;
  let startKey: Item | undefined;
  do {
    const page = await database.call<{ Items?: Item[]; LastEvaluatedKey?: Item }>('DynamoDB_20120810.Scan', {
      TableName: table.name,
      FilterExpression: expired.condition,
      ProjectionExpression: Object.keys(keyNames).join(', '),
      ExpressionAttributeNames: { ...expired.names, ...keyNames },
      ExpressionAttributeValues: expired.values,
      Limit: pageSize,
      ...(startKey !== undefined && { ExclusiveStartKey: startKey }),
    });
    for (const key of page.Items ?? []) {
      try {
        await database.call('DynamoDB_20120810.DeleteItem', {
          TableName: table.name,
          Key: key,
          ConditionExpression: expired.condition,
          ExpressionAttributeNames: expired.names,
          ExpressionAttributeValues: expired.values,
        });
        deleted++;
      } catch (error) {
        // Its time was prolonged since the scan.
        if (!(error instanceof DatabaseError && error.name === 'ConditionalCheckFailedException'))
          throw error;
      }
    }
    startKey = page.LastEvaluatedKey;
  } while (startKey !== undefined);
  return deleted;
}
