import type { StreamRecord } from '../../local/data/pump/stream-record.ts';

/**
 * A stream record of a new task.
 * @param created epoch seconds.
 */
export function streamRecord(sequenceNumber: string, created: number): StreamRecord {
  return {
    eventID: sequenceNumber,
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    eventSourceARN: 'arn:aws:dynamodb:us-east-1:000000000000:table/tasks/stream/label',
    dynamodb: {
      ApproximateCreationDateTime: created,
      Keys: { id: { N: sequenceNumber } },
      SequenceNumber: sequenceNumber,
      SizeBytes: 10,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  };
}
