import type { BatchStore } from '../../operate/redrive/batch-store.ts';

/** A record of a task's creation, or of its renaming, as the stream of the tasks table gives it. */
export interface SampleRecord {
  readonly workspace: string;
  readonly source: number;
  readonly stream?: string;
}

/** What Lambda writes into the bucket for a batch that it gives up. */
export function invocationRecord(records: readonly SampleRecord[]): string {
  return JSON.stringify({
    requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 3 },
    version: '1.0',
    DDBStreamBatchInfo: { batchSize: records.length },
    payload: JSON.stringify({
      Records: records.map(({ workspace, source, stream = '2026-01-01T00:00:00.000' }) => ({
        eventSource: 'aws:dynamodb',
        eventSourceARN: `arn:aws:dynamodb:us-east-1:111122223333:table/tasks/stream/${stream}`,
        dynamodb: {
          ApproximateCreationDateTime: 1_767_225_600 + source,
          Keys: { workspace: { S: workspace }, id: { N: '7' } },
          NewImage: { workspace: { S: workspace }, id: { N: '7' }, name: { S: `name ${source}` } },
          SequenceNumber: String(source),
        },
      })),
    }),
  });
}

/** A bucket in memory; `fail` may throw before each call. */
export class MemoryBatches implements BatchStore {
  readonly open = new Map<string, string>();
  readonly done = new Map<string, string>();
  fail: () => void = () => undefined;

  async list(): Promise<readonly string[]> {
    return [...this.open.keys()];
  }

  async read(name: string): Promise<string> {
    this.fail();
    return this.open.get(name)!;
  }

  async markDone(name: string): Promise<void> {
    this.fail();
    this.done.set(name, this.open.get(name)!);
    this.open.delete(name);
  }
}
