import fc from 'fast-check';
import type { Change, TaskChange } from '../../core/log/change.ts';
import { writtenAt } from '../../core/log/change.ts';
import type { LogIdentity } from '../../core/log/cursor.ts';
import { appendBatch } from '../../core/log/append.ts';
import type { OpenHead } from '../../core/log/segment.ts';
import type { Task } from '../../protocol/task.ts';
import { MemoryLog, sampleLog } from './memory-log.ts';
import { sampleTask } from './task-samples.ts';

const sampleWorkspace = 'acme';
const start = Date.UTC(2026, 0, 1);

/** Record number `n` of the shard, a change of one of three items of that shard. */
function record(shard: number, shards: number, index: number): Change {
  const sequence = index * shards + shard + 1;
  return { kind: 'task', source: String(sequence), at: start + sequence * 10, task: shard * 3 + (index % 3) };
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
  stream = 's',
): Promise<number> {
  const zombies: Promise<unknown>[] = [];
  let position = 0;
  let batches = 0;
  for (let turn = 0; position < records.length; turn += 1) {
    const { size, diesAfter, zombie } = deliveries[turn] ?? { size: 4, diesAfter: undefined, zombie: false };
    const changes = records.slice(position, position + size);
    batches += 1;
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
      newLog: () => sampleLog,
      historySeconds: 86_400,
      attempts: 1000,
    };
    const work = appendBatch(mortal, { workspace: sampleWorkspace, stream, changes }, options).catch(
      (error: unknown) => {
        if (!(error instanceof Died)) throw error;
      },
    );
    const outcome = await Promise.race([work.then(() => 'done' as const), death]);
    if (outcome === 'done' && calls <= (diesAfter ?? Infinity)) position += changes.length;
    else zombies.push(work);
  }
  await Promise.all(zombies);
  return batches;
}

/** The versions of a task from 1 on, `undefined` where it was deleted; each is written at its place in one history. */
interface Write {
  readonly task: number;
  readonly isDeleted: boolean;
  /** Whether the stream was off. */
  readonly isMissed: boolean;
}

const anyPhase = (isMissed: boolean): fc.Arbitrary<readonly Write[]> =>
  fc.array(
    fc.record({
      task: fc.integer({ min: 1, max: 3 }),
      isDeleted: fc.boolean(),
      isMissed: fc.constant(isMissed),
    }),
    { minLength: isMissed ? 0 : 1, maxLength: isMissed ? 3 : 12 },
  );

/** A history of writes to a table, in phases a second or more apart, as the changes that its streams tell. */
function tell(phases: readonly (readonly Write[])[]): {
  readonly streams: readonly (readonly Change[])[];
  readonly truth: ReadonlyMap<number, Task>;
} {
  const truth = new Map<number, Task>();
  let sequence = 0;
  const streams = phases.map((writes, phase) =>
    writes.flatMap(({ task: id, isDeleted, isMissed }): Change[] => {
      sequence += 1;
      const before = truth.get(id);
      const after = isDeleted ? undefined : sampleTask({ id, version: (before?.version ?? 0) + 1 });
      if (after) truth.set(id, after);
      else truth.delete(id);
      if (isMissed || (!before && !after)) return [];
      const at = start + phase * 1000 + sequence;
      const facts = { ...(before && { before }), ...(after && { after }) };
      return [{ kind: 'task', source: String(sequence), at, task: id, ...facts }];
    }),
  );
  return { streams, truth };
}

/** What a client shows that reads the whole log and loads the final state at each resync. */
function follow(log: MemoryLog, truth: ReadonlyMap<number, Task>): ReadonlyMap<number, Task> {
  let shown = new Map<number, Task>();
  for (const change of log.segments(sampleWorkspace).flatMap(({ changes }) => changes)) {
    if (change.kind === 'resync') shown = new Map(truth);
    else if (!change.after) shown.delete(change.task);
    else if (!(change.after.version < (shown.get(change.task)?.version ?? 0)))
      shown.set(change.task, change.after);
  }
  return shown;
}

/** All that the log has of a stream, without what only announces it, as numbers. */
function sourcesOf(log: MemoryLog, stream: string): readonly number[] {
  return log
    .segments(sampleWorkspace)
    .filter((segment) => segment.stream === stream)
    .flatMap(({ changes }) => changes)
    .flatMap((change) => [change.source, ...(change.kind === 'resync' ? (change.covers ?? []) : [])])
    .filter((source) => source !== '0')
    .map(Number)
    .toSorted((a, b) => a - b);
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

          const segments = log.segments(sampleWorkspace);
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

  it('keeps clients right when a stream is followed by another and comes back, however late its batches are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.tuple(anyPhase(false), anyPhase(true), anyPhase(false), anyPhase(true), anyPhase(false)),
        fc.array(fc.array(anyDelivery, { maxLength: 8 }), { minLength: 2, maxLength: 2 }),
        fc.array(fc.integer({ min: -60_000, max: 60_000 }), { minLength: 1, maxLength: 8 }),
        async (scheduler, phases, plans, skews) => {
          const { streams, truth } = tell(phases);
          const [first, , second, , back] = streams as [Change[], Change[], Change[], Change[], Change[]];
          const log = new MemoryLog(() => scheduler.schedule(Promise.resolve()));
          let turn = 0;
          const skew = (): number => skews[turn++ % skews.length]!;
          // The log was there before the stream was switched off.
          const begin: Change = { kind: 'resync', source: '0', at: start - 1000 };
          const options = { now: () => start, newLog: () => sampleLog, historySeconds: 86_400 };
          const begun = appendBatch(
            log,
            { workspace: sampleWorkspace, stream: 'a', changes: [begin] },
            options,
          );
          const [, ...batches] = await scheduler.waitFor(
            Promise.all([
              begun,
              begun.then(() => pump(log, [...first, ...back], plans[0]!, skew, 'a')),
              begun.then(() => pump(log, second, plans[1]!, skew, 'b')),
            ]),
          );

          const numbers = (changes: readonly Change[]): number[] =>
            changes.map(({ source }) => Number(source));
          expect(sourcesOf(log, 'a')).toEqual(numbers([...first, ...back]));
          expect(sourcesOf(log, 'b')).toEqual(numbers(second));
          if (second.length > 0 && back.length > 0) expect(follow(log, truth)).toEqual(truth);

          const resyncs = log
            .segments(sampleWorkspace)
            .flatMap(({ changes }) => changes)
            .filter(({ kind }) => kind === 'resync')
            .slice(1);
          // One when a stream begins, one for each batch that is late at the most.
          expect(resyncs.filter(({ source }) => source === '0').length).toBeLessThanOrEqual(2);
          expect(resyncs.length).toBeLessThanOrEqual(2 + batches.reduce((a, b) => a + b, 0));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('keeps the key that readers were given, whoever makes the head and however their calls cross', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 12 }),
        async (scheduler, isOld, readers, length) => {
          const log = new MemoryLog(() => scheduler.schedule(Promise.resolve()));
          let made = 0;
          const newLog = (): LogIdentity => {
            made += 1;
            return { log: String(made).padStart(16, '0'), key: `key ${made}` };
          };
          log.newLog = newLog;
          const options = { now: () => start, newLog, historySeconds: 86_400, attempts: 1000 };
          const changes = Array.from({ length }, (_, index) => record(0, 1, index));
          const append = async (): Promise<void> => {
            for (const change of changes)
              await appendBatch(log, { workspace: sampleWorkspace, stream: 's', changes: [change] }, options);
          };
          const work: Promise<unknown>[] = [];
          if (isOld) {
            const first = { kind: 'resync', source: '0', at: start - 1000 } as const;
            const begun = appendBatch(
              log,
              { workspace: sampleWorkspace, stream: 's', changes: [first] },
              options,
            );
            work.push(begun.then(() => log.forgetKey(sampleWorkspace)).then(append));
          } else work.push(append());
          const opened: OpenHead[] = [];
          for (let reader = 0; reader < readers; reader += 1) {
            work.push(
              (isOld ? work[0]! : Promise.resolve()).then(async () =>
                opened.push(await log.openHead(sampleWorkspace)),
              ),
            );
          }
          await scheduler.waitFor(Promise.all(work));
          await scheduler.waitFor(Promise.all(work));

          const { log: identity, key, last } = log.head(sampleWorkspace)!;
          expect(new Set(opened.map((head) => `${head.log} ${head.key}`))).toEqual(
            new Set([`${identity} ${key}`]),
          );
          const segments = log.segments(sampleWorkspace);
          expect(segments.map((segment) => [segment.log, segment.segment])).toEqual(
            Array.from({ length: last }, (_, index) => [identity, index + 1]),
          );
          // A head that a reader made follows no stream yet: the first batch is no batch of another one.
          const told = segments.flatMap((segment) => segment.changes).filter(({ kind }) => kind === 'task');
          expect(told).toEqual(changes);
          expect(segments).toHaveLength(length + (isOld ? 1 : 0));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('begins with a resync where the stream is another one, once, and knows a stream again that comes back', async () => {
    const log = new MemoryLog();
    const append = async (stream: string, source: string, at: number): Promise<number> => {
      const changes = [{ kind: 'task' as const, source, at, task: Number(source) }];
      const options = { now: () => start, newLog: () => sampleLog, historySeconds: 86_400 };
      return (await appendBatch(log, { workspace: sampleWorkspace, stream, changes }, options)).changes;
    };
    // Two shards, whose numbers say nothing about each other.
    await append('a', '1', start);
    await append('a', '9', start);
    expect([await append('b', '4', start + 1), await append('b', '4', start + 1)]).toEqual([2, 0]);
    expect([await append('a', '5', start + 2), await append('a', '9', start)]).toEqual([2, 0]);

    const logged = log
      .segments(sampleWorkspace)
      .flatMap(({ stream, changes }) => changes.map(({ kind, source }) => [stream, kind, source]));
    expect(logged).toEqual([
      ['a', 'task', '1'],
      ['a', 'task', '9'],
      ['b', 'resync', '0'],
      ['b', 'task', '4'],
      ['a', 'resync', '0'],
      ['a', 'task', '5'],
    ]);
  });

  it('tells which segments it has added, and of nothing that others have', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 4 }),
        async (scheduler, lengths) => {
          const log = new MemoryLog(() => scheduler.schedule(Promise.resolve()));
          const options = {
            now: () => start,
            newLog: () => sampleLog,
            historySeconds: 86_400,
            attempts: 1000,
          };
          let source = 0;
          // Two changes do not fit one segment.
          const after = sampleTask({ description: 'x'.repeat(40_000) });
          const batches = lengths.map((length) =>
            Array.from({ length }, (): Change => {
              source += 1;
              return { kind: 'task', source: String(source), at: start, task: source, after };
            }),
          );
          const append = (changes: readonly Change[]): ReturnType<typeof appendBatch> =>
            appendBatch(log, { workspace: sampleWorkspace, stream: 's', changes }, options);
          const appended = await scheduler.waitFor(Promise.all(batches.map(append)));

          const logged = new Map(log.segments(sampleWorkspace).map((each) => [each.segment, each.changes]));
          expect(appended.map(({ changes }) => changes)).toEqual(lengths);
          expect(appended.map(({ written }) => written)).toEqual(
            batches.map((batch) => batch.map((change) => writtenAt(change as TaskChange))),
          );
          expect(
            appended.map(({ segments }) => segments.flatMap(({ segment }) => logged.get(segment)!)),
          ).toEqual(batches);
          const again = await scheduler.waitFor(append(batches[0]!));
          expect(again).toEqual({ changes: 0, written: [], segments: [] });
        },
      ),
      { numRuns: 100 },
    );
  });
});
