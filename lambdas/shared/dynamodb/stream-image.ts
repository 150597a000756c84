import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { readNumber } from './client.ts';

/** An item image of a stream record, in DynamoDB's JSON. */
export type StreamImage = Record<string, AttributeValue>;

/** An image as plain values; `unreadable` where it holds what JavaScript numbers cannot. */
export function unmarshallImage(
  image: StreamImage | undefined,
): Record<string, unknown> | 'unreadable' | undefined {
  if (image === undefined) return undefined;
  try {
    return unmarshall(image, { wrapNumbers: readNumber });
  } catch {
    return 'unreadable';
  }
}
