import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TableStream } from '../tables.ts';
import type { DiscardedBatch } from './batch-delivery.ts';

/** What a record of a failed batch tells about its origin. */
export interface BatchOrigin {
  /** Directory that stands for the bucket. */
  readonly bucketDirectory: string;
  readonly mappingId: string;
  readonly functionArn: string;
  readonly stream: TableStream;
  readonly shardId: string;
}

/**
 * Writes the invocation record of a batch that was given up, under the key that Lambda would use in the bucket.
 * Source: "Retain discarded records for a DynamoDB event source in Lambda", example invocation record: for S3 the
 * record holds the whole event as text in `payload`.
 * @returns path of the file.
 */
export async function storeFailedBatch(
  batch: DiscardedBatch,
  origin: BatchOrigin,
  now: Date,
): Promise<string> {
  const [first] = batch.records;
  const last = batch.records.at(-1);
  if (first === undefined || last === undefined) throw new Error('a failed batch has no records');
  const invocationRecord = {
    requestContext: {
      requestId: randomUUID(),
      functionArn: origin.functionArn,
      condition: batch.condition,
      approximateInvokeCount: batch.invokeCount,
    },
    responseContext: {
      statusCode: 200,
      executedVersion: '$LATEST',
      functionError: batch.error === undefined ? null : 'Unhandled',
    },
    version: '1.0',
    timestamp: now.toISOString(),
    DDBStreamBatchInfo: {
      shardId: origin.shardId,
      startSequenceNumber: first.dynamodb.SequenceNumber,
      endSequenceNumber: last.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first.dynamodb.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: arrival(last.dynamodb.ApproximateCreationDateTime),
      batchSize: batch.records.length,
      streamArn: origin.stream.arn,
    },
    payload: JSON.stringify({ Records: batch.records }),
  };
  const [day = '', clock = ''] = now.toISOString().split(/[T.]/);
  const directory = path.join(
    origin.bucketDirectory,
    'aws',
    'lambda',
    origin.mappingId,
    origin.shardId,
    ...day.split('-'),
  );
  await mkdir(directory, { recursive: true });
  const file = path.join(directory, `${day}T${clock.replaceAll(':', '.')}-${randomUUID()}`);
  await writeFile(file, JSON.stringify(invocationRecord));
  return file;
}

function arrival(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString();
}
