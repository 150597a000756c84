import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';

type KeyRange = Required<Pick<QueryCommandInput, 'KeyConditionExpression' | 'ExpressionAttributeValues'>>;

/** The whole partition of a workspace in the connections table. */
export function partitionOf(workspace: string): KeyRange {
  return {
    KeyConditionExpression: 'workspace = :workspace',
    ExpressionAttributeValues: { ':workspace': workspace },
  };
}

/**
 * The items of a workspace in the connections table whose sort key begins with a text.
 * @param prefix must end in `#`: the range ends at `$`, the next character, which no key contains.
 */
export function rangeOf(
  workspace: string,
  prefix: string,
): KeyRange & Required<Pick<QueryCommandInput, 'ExpressionAttributeNames'>> {
  return {
    KeyConditionExpression: 'workspace = :workspace AND #connection BETWEEN :first AND :last',
    ExpressionAttributeNames: { '#connection': 'connection' },
    ExpressionAttributeValues: {
      ':workspace': workspace,
      ':first': prefix,
      // The next character after `#`; keys are encoded and have none.
      ':last': `${prefix.slice(0, -1)}$`,
    },
  };
}
