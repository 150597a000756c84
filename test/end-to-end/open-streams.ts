import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { TestStack, Who } from './stack.ts';
import type { ReceivedFrame, StreamClient } from './stream-client.ts';

/** The connection of a stream, by its first frame. */
export const idOf = (stream: StreamClient): string => stream.frames[0]!.data.connectionId;

/** The last frame of a stream, when it has ended. */
export async function lastFrame(stream: StreamClient): Promise<ReceivedFrame> {
  await stream.ended;
  return stream.frames.at(-1)!;
}

/** Ends a stream as a page does that closes, and waits until it has ended. */
export async function disconnect(stack: TestStack, stream: StreamClient, who: Who): Promise<void> {
  await stack.request(who, 'POST', '/sse/disconnect', { connectionId: idOf(stream) });
  await stream.ended;
}

/** The connections of a user that the table knows and nobody has asked to end. */
export async function connectionsOf(stack: TestStack, user: string, workspace: string): Promise<string[]> {
  const { Items: items = [] } = await stack.database.send(
    new QueryCommand({
      TableName: stack.local.tables['connections'],
      KeyConditionExpression: 'workspace = :workspace AND begins_with(#connection, :user)',
      ExpressionAttributeNames: { '#connection': 'connection' },
      ExpressionAttributeValues: { ':workspace': workspace, ':user': `${user}#` },
    }),
  );
  // One that was asked to end is there until its session has ended.
  return items.filter(({ ended }) => ended === undefined).map(({ id }) => id as string);
}
