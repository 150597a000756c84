import { deliverBatch } from '../../local/data/pump/batch-delivery.ts';
import type { DeliverySettings, DiscardedBatch } from '../../local/data/pump/batch-delivery.ts';
import type { StreamRecord } from '../../local/data/pump/stream-record.ts';
import { InvocationFailure, throttle } from '../../local/functions/invocation.ts';
import { streamRecord } from './stream-records.ts';

const now = 1_700_000_000_000;

interface Run {
  /** Sequence numbers of each invocation. */
  readonly invocations: string[];
  readonly discarded: Array<DiscardedBatch & { readonly sequence: string }>;
}

function sequence(records: readonly StreamRecord[]): string {
  return records.map((record) => record.dynamodb.SequenceNumber).join(',');
}

/** Delivers records 1 to n; `respond` gives what the function returns, or throws. */
async function run(
  count: number,
  settings: Partial<DeliverySettings>,
  respond: (records: readonly StreamRecord[], invocation: number) => unknown,
  ages: readonly number[] = [],
): Promise<Run> {
  const result: Run = { invocations: [], discarded: [] };
  const records = Array.from({ length: count }, (_, index) =>
    streamRecord(String(index + 1), now / 1000 - (ages[index] ?? 0)),
  );
  await deliverBatch(
    records,
    {
      reportsItemFailures: true,
      bisectsOnError: false,
      maximumRetryAttempts: -1,
      maximumRecordAgeSeconds: -1,
      ...settings,
    },
    {
      deliver: (batch) => {
        result.invocations.push(sequence(batch));
        return new Promise((resolve) => {
          resolve(respond(batch, result.invocations.length));
        });
      },
      discard: (batch) => {
        result.discarded.push({ ...batch, sequence: sequence(batch.records) });
        return Promise.resolve();
      },
      now: () => now,
      signal: new AbortController().signal,
    },
  );
  return result;
}

function failed(...identifiers: unknown[]): unknown {
  return { batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) };
}

describe('the delivery of a batch', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty list', { batchItemFailures: [] }],
    ['an empty object', {}],
  ])('is done when the function returns %s', async (_name, returned) => {
    expect((await run(3, {}, () => returned)).invocations).toEqual(['1,2,3']);
  });

  it('waits for a function that is refused for load, without a retry, a split or an end', async () => {
    const { invocations, discarded } = await run(
      3,
      { maximumRetryAttempts: 0, bisectsOnError: true },
      (_, invocation) => {
        if (invocation < 4) throw new InvocationFailure(throttle);
        return undefined;
      },
    );
    expect(invocations).toEqual(['1,2,3', '1,2,3', '1,2,3', '1,2,3']);
    expect(discarded).toEqual([]);
  });

  it('goes on from the lowest reported record', async () => {
    const { invocations } = await run(5, {}, (_records, invocation) =>
      invocation === 1 ? failed('4', '3', '5') : undefined,
    );
    expect(invocations).toEqual(['1,2,3,4,5', '3,4,5']);
  });

  it.each([
    ['an empty identifier', failed('')],
    ['an unknown identifier', failed('99')],
    ['an unknown one beside a known one', failed('2', '99')],
    ['something that is no list', { batchItemFailures: 'x' }],
  ])('repeats all for %s', async (_name, returned) => {
    const { invocations } = await run(3, {}, (_records, invocation) =>
      invocation === 1 ? returned : undefined,
    );
    expect(invocations).toEqual(['1,2,3', '1,2,3']);
  });

  it('does not read partial failures where the mapping does not report them', async () => {
    const { invocations } = await run(3, { reportsItemFailures: false }, () => failed('2'));
    expect(invocations).toEqual(['1,2,3']);
  });

  it('cuts a batch in two after an error until the bad record is alone, in order', async () => {
    const settings = { bisectsOnError: true, maximumRetryAttempts: 0 };
    const { invocations, discarded } = await run(4, settings, (records) => {
      if (sequence(records).includes('3')) throw new Error('bad record');
    });
    expect(invocations).toEqual(['1,2,3,4', '1,2', '3,4', '3', '4']);
    expect(discarded).toMatchObject([{ sequence: '3', condition: 'RetryAttemptsExhausted' }]);
    expect(discarded[0]?.error?.message).toBe('bad record');
  });

  it('does not cut a batch in two for a partial failure', async () => {
    const { invocations } = await run(4, { bisectsOnError: true }, (_records, invocation) =>
      invocation === 1 ? failed('1') : undefined,
    );
    expect(invocations).toEqual(['1,2,3,4', '1,2,3,4']);
  });

  it('gives up after the allowed retries, with the count of invocations', async () => {
    const { invocations, discarded } = await run(2, { maximumRetryAttempts: 2 }, () => failed('1'));
    expect(invocations).toHaveLength(3);
    expect(discarded).toMatchObject([{ sequence: '1,2', invokeCount: 3, error: undefined }]);
  });

  it('begins to count again after progress', async () => {
    const { invocations, discarded } = await run(
      3,
      { maximumRetryAttempts: 1 },
      (_records, invocation) => [failed('1'), failed('2'), failed('2'), undefined][invocation - 1],
    );
    expect(invocations).toEqual(['1,2,3', '1,2,3', '2,3', '2,3']);
    expect(discarded).toEqual([]);
  });

  it('discards what is too old without invoking, and delivers the rest', async () => {
    const { invocations, discarded } = await run(3, { maximumRecordAgeSeconds: 60 }, () => {}, [61, 61, 59]);
    expect(invocations).toEqual(['3']);
    expect(discarded).toMatchObject([{ sequence: '1,2', condition: 'RecordAgeExceeded', invokeCount: 0 }]);
  });

  it('stops between attempts when the stack closes', async () => {
    const closing = new AbortController();
    const delivery = deliverBatch(
      [streamRecord('1', 0)],
      {
        reportsItemFailures: true,
        bisectsOnError: true,
        maximumRetryAttempts: -1,
        maximumRecordAgeSeconds: -1,
      },
      {
        deliver: () => {
          closing.abort();
          return Promise.reject(new Error('down'));
        },
        discard: () => Promise.resolve(),
        now: () => now,
        signal: closing.signal,
      },
    );
    await expect(delivery).rejects.toThrow('abort');
  });
});
