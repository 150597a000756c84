import { DatabaseClient, DatabaseError } from '../../local/data/database-client.ts';
import { Checkpoints } from '../../local/data/pump/checkpoints.ts';
import { ShardReader } from '../../local/data/pump/shard-reader.ts';

const stream = { arn: 'arn:stream', databaseArn: 'arn:database' };

/** A database whose shard holds one record and is closed; `fails` says which request finds its position trimmed. */
class TrimmedShard extends DatabaseClient {
  readonly opened: string[] = [];
  readonly #fails: string;

  constructor(fails: string) {
    super('http://127.0.0.1:9');
    this.#fails = fails;
  }

  override call<Output>(target: string, input: object): Promise<Output> {
    const { ShardIteratorType: type, ShardIterator: iterator } = input as Record<string, string>;
    if (type !== undefined) this.opened.push(type);
    const isAtOldest = (type ?? iterator) === 'TRIM_HORIZON';
    if (!isAtOldest && iterator !== 'end' && target.endsWith(this.#fails)) {
      return Promise.reject(new DatabaseError('TrimmedDataAccessException', 'past the oldest stream record'));
    }
    if (type !== undefined) return Promise.resolve({ ShardIterator: type } as Output);
    const records = [{ eventName: 'INSERT', dynamodb: { SequenceNumber: '7', Keys: {} } }];
    const page = iterator === 'end' ? { Records: [] } : { Records: records, NextShardIterator: 'end' };
    return Promise.resolve(page as Output);
  }
}

describe('a shard reader whose position is before the oldest record', () => {
  it.each([
    ['an iterator', 'GetRecords', undefined, ['LATEST', 'TRIM_HORIZON']],
    ['a checkpoint', 'GetShardIterator', '5', ['AFTER_SEQUENCE_NUMBER', 'TRIM_HORIZON']],
  ])('goes on with the oldest: %s', async (_, fails, checkpoint, opened) => {
    const database = new TrimmedShard(fails);
    const checkpoints = new Checkpoints(undefined);
    if (checkpoint !== undefined) checkpoints.set(stream.arn, 'shard', checkpoint);
    const delivered: string[] = [];
    const reader = new ShardReader({
      database,
      stream,
      shardId: 'shard',
      startingPosition: 'LATEST',
      batchSize: 100,
      batchingWindowMs: 0,
      accepts: () => true,
      checkpoints,
      authorize: () => undefined,
      deliver: (records) => {
        delivered.push(...records.map(({ dynamodb }) => dynamodb.SequenceNumber));
        return Promise.resolve();
      },
      signal: new AbortController().signal,
    });
    await reader.run();
    expect(delivered).toEqual(['7']);
    expect(database.opened).toEqual(opened);
  });
});

describe('a shard reader whose last page has no next iterator', () => {
  it('ends after it, also when the mapping wants none of its records', async () => {
    let reads = 0;
    class ClosedShard extends DatabaseClient {
      override call<Output>(target: string): Promise<Output> {
        if (target.endsWith('GetShardIterator')) return Promise.resolve({ ShardIterator: 'first' } as Output);
        reads += 1;
        if (reads > 1) return Promise.reject(new Error('the shard is read again'));
        const Records = [{ eventName: 'INSERT', dynamodb: { SequenceNumber: '7', Keys: {} } }];
        return Promise.resolve({ Records } as Output);
      }
    }
    const reader = new ShardReader({
      database: new ClosedShard('http://127.0.0.1:9'),
      stream,
      shardId: 'shard',
      startingPosition: 'TRIM_HORIZON',
      batchSize: 100,
      batchingWindowMs: 0,
      accepts: () => false,
      checkpoints: new Checkpoints(undefined),
      authorize: () => undefined,
      deliver: () => Promise.reject(new Error('a record that the filter refuses is delivered')),
      signal: new AbortController().signal,
    });
    await reader.run();
    expect(reads).toBe(1);
  });
});
