import fc from 'fast-check';
import type { Change } from '../../core/change.ts';
import { appendBatch } from '../../core/log/append.ts';
import { MemoryLog } from './memory-log.ts';

const WORKSPACE = 'acme';
const START = Date.UTC(2026, 0, 1);

/** Record number `n` of the shard, a change of one of three items of that shard. */
function record(shard: number, shards: number, index: number): Change {
  const sequence = index * shards + shard + 1;
  return { kind: 'task', source: String(sequence), at: START + sequence * 10, task: shard * 3 + (index % 3) };
}

/** How a delivery fails: its answer is lost, or the function dies, after so many calls to the store. */
interface Delivery {
  readonly size: number;
  readonly diesAfter: number | undefined;
  /** Whether the dead one goes on unseen, as a function does that the poller has given up on. */
  readonly zombie: boolean;
}

const anyDelivery: fc.Arbitrary<Delivery> = fc.record({
  size: fc.integer({ min: 1, max: 7 }),
  diesAfter: fc.option(fc.nat(5), { nil: undefined }),
  zombie: fc.boolean(),
});

class Died extends Error {}

/**
 * A poller that delivers one shard in order, as Lambda does: on a failure it delivers again from the same record, with
 * another batch size; past the planned deliveries everything works.
 */
async function pump(
  log: MemoryLog,
  records: readonly Change[],
  deliveries: readonly Delivery[],
  skew: () => number,
): Promise<void> {
  const zombies: Promise<unknown>[] = [];
  let position = 0;
  for (let turn = 0; position < records.length; turn += 1) {
    const { size, diesAfter, zombie } = deliveries[turn] ?? { size: 4, diesAfter: undefined, zombie: false };
    const changes = records.slice(position, position + size);
    let calls = 0;
    const { promise: death, resolve: announceDeath } = Promise.withResolvers<'died'>();
    const mortal = new Proxy(log, {
      get: (target, name: keyof MemoryLog) => {
        const value = target[name];
        if (typeof value !== 'function') return value;
        return (...args: never[]) => {
          if (diesAfter !== undefined && calls++ >= diesAfter) {
            announceDeath('died');
            if (!zombie) throw new Died();
          }
          return (value as (...all: never[]) => unknown).apply(target, args);
        };
      },
    });
    const options = {
      now: () => changes.at(-1)!.at + skew(),
      newLog: () => '0123456789abcdef',
      historySeconds: 86_400,
      attempts: 1000,
    };
    const work = appendBatch(mortal, { workspace: WORKSPACE, stream: 's', changes }, options).catch(
      (error: unknown) => {
        if (!(error instanceof Died)) throw error;
      },
    );
    const outcome = await Promise.race([work.then(() => 'done' as const), death]);
    if (outcome === 'done' && calls <= (diesAfter ?? Infinity)) position += changes.length;
    else zombies.push(work);
  }
  await Promise.all(zombies);
}

describe('appending to the log', () => {
  it('holds each change exactly once, without gaps, in the order of each item, whatever happens to deliveries', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.array(anyDelivery, { maxLength: 8 }), { minLength: 1, maxLength: 3 }),
        fc.nat(25),
        fc.array(fc.integer({ min: -60_000, max: 60_000 }), { minLength: 1, maxLength: 8 }),
        async (scheduler, plans, length, skews) => {
          const log = new MemoryLog(() => scheduler.schedule(Promise.resolve()));
          let turn = 0;
          const skew = (): number => skews[turn++ % skews.length]!;
          const shards = plans.map((_, shard) =>
            Array.from({ length }, (__, index) => record(shard, plans.length, index)),
          );
          await scheduler.waitFor(
            Promise.all(shards.map((records, shard) => pump(log, records, plans[shard]!, skew))),
          );

          const segments = log.segments(WORKSPACE);
          expect(segments.map(({ segment }) => segment)).toEqual(segments.map((_, index) => index + 1));
          const logged = segments.flatMap(({ changes }) => changes) as Extract<Change, { kind: 'task' }>[];
          expect(logged.map(({ source }) => Number(source)).toSorted((a, b) => a - b)).toEqual(
            Array.from({ length: length * plans.length }, (_, index) => index + 1),
          );
          for (const task of new Set(logged.map((change) => change.task))) {
            const order = logged.filter((change) => change.task === task).map(({ source }) => Number(source));
            expect(order).toEqual(order.toSorted((a, b) => a - b));
          }
          const times = segments.map(({ at }) => at);
          expect(times).toEqual(times.toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 300 },
    );
  });
});
