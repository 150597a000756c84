import { localRegion } from '../../template/stack-template.ts';
import type { TableStream } from '../tables.ts';

/** A record of a DynamoDB stream, as GetRecords gives it and as Lambda passes it on. */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: string;
  readonly eventSource: string;
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  readonly userIdentity?: unknown;
  readonly dynamodb: {
    /** Epoch seconds. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Readonly<Record<string, unknown>>;
    readonly NewImage?: Readonly<Record<string, unknown>>;
    readonly OldImage?: Readonly<Record<string, unknown>>;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
}

/** Gives a record the shape that Lambda passes on: with the account's region and the stream it came from. */
export function asLambdaRecord(record: StreamRecord, stream: TableStream): StreamRecord {
  return { ...record, eventSource: 'aws:dynamodb', awsRegion: localRegion, eventSourceARN: stream.arn };
}
