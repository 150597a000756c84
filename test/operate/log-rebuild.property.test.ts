import fc from 'fast-check';
import { appendBatch, AppendContention } from '../../core/log/append.ts';
import type { Change } from '../../core/log/change.ts';
import type { LogIdentity } from '../../core/log/cursor.ts';
import type { Head } from '../../core/log/segment.ts';
import { readTask } from '../../core/task/task.ts';
import { headItem } from '../../lambdas/shared/dynamodb/log-item.ts';
import type { InspectPorts } from '../../operate/log/inspect.ts';
import type { RebuildOptions } from '../../operate/log/rebuild.ts';
import { rebuildLog } from '../../operate/log/rebuild.ts';
import { MemoryLog } from '../core/memory-log.ts';

const workspace = 'acme';
const stream = '2026-01-01T00:00:00.000';
const historySeconds = 86_400;
const now = (): number => Date.UTC(2026, 0, 1);

/** A log of another name each time. */
function identities(): () => LogIdentity {
  let made = 0;
  return () => {
    made += 1;
    return { log: made.toString(16).padStart(16, '0'), key: `key ${made}` };
  };
}

/** The creation of a task, whose id is the number of its record. */
function creation(source: number): Change {
  const after = readTask({ id: source, version: 1, name: `name ${source}` })!;
  return { kind: 'task', source: String(source), at: now() - 1000 + source, task: source, after };
}

/** Some batches of a stream: their records have the numbers from 1 on. */
function batchesOf(sizes: readonly number[]): readonly (readonly Change[])[] {
  let source = 0;
  return sizes.map((size) => Array.from({ length: size }, () => creation((source += 1))));
}

/** The events table as an operator's command sees it; `lose` says whether the answer of a replacement is lost. */
function portsOf(log: MemoryLog, tasks: readonly Change[], lose: () => boolean): InspectPorts {
  return {
    log: {
      readHead: async () => {
        const head = await log.readHead(workspace);
        return head && headItem(workspace, head);
      },
      segments: async function* () {
        // A page is read at once.
        for (const segment of log.segments(workspace)) yield { ...segment, format: 2 };
      },
      replace: async (_, segment, expected, next) => {
        const isDone = await log.replace(workspace, segment, expected as Head | undefined, next);
        return isDone && !lose();
      },
    },
    tasks: {
      page: async () => ({
        tasks: tasks.flatMap((change) => (change.kind === 'task' && change.after ? [change.after] : [])),
        next: undefined,
        units: 0,
      }),
    },
  };
}

/** Delivers a batch as often as it takes. */
async function deliver(log: MemoryLog, changes: readonly Change[], newLog: () => LogIdentity): Promise<void> {
  for (;;) {
    try {
      await appendBatch(log, { workspace, stream, changes }, { now, newLog, historySeconds });
      return;
    } catch (error) {
      if (!(error instanceof AppendContention)) throw error;
    }
  }
}

/** How a head comes to be wrong. */
const breaks: Readonly<Record<string, (head: Head, by: number) => Head | undefined>> = {
  gone: () => undefined,
  behind: (head, by) => ({ ...head, last: Math.max(0, head.last - by) }),
  ahead: (head, by) => ({ ...head, last: head.last + by }),
  'as a reader makes it': (head) => ({
    ...head,
    log: 'f'.repeat(16),
    last: 0,
    follows: undefined,
    newest: 0,
    at: 0,
  }),
};

it('a log is rebuilt beside appends and readers: each change is there once, and the next log begins with a resync', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.constantFrom(...Object.keys(breaks)),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 }),
      fc.nat(5),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
      async (scheduler, how, by, sizes, brokenAfter, losses) => {
        let isScheduled = false;
        const log = new MemoryLog(() =>
          isScheduled ? scheduler.schedule(Promise.resolve()) : Promise.resolve(),
        );
        const newLog = identities();
        log.newLog = newLog;
        const batches = batchesOf(sizes);
        const before = batches.slice(0, brokenAfter);
        for (const batch of before) await deliver(log, batch, newLog);
        const head = log.head(workspace);
        const broken = head && breaks[how]!(head, by);
        log.putHead(workspace, broken);
        const options: RebuildOptions = {
          now,
          newLog,
          historySeconds,
          recent: 0,
          settle: async () => undefined,
          wantsNewLog: false,
          apply: true,
        };

        isScheduled = true;
        const all = Promise.all([
          (async () => {
            // The last batch comes again: its answer was lost when the log broke.
            for (const batch of [...before.slice(-1), ...batches.slice(brokenAfter)])
              await deliver(log, batch, newLog);
          })(),
          log.openHead(workspace),
          ...losses.map((isLost) =>
            rebuildLog(
              portsOf(log, batches.flat(), () => isLost),
              workspace,
              options,
            ),
          ),
        ]);
        await scheduler.waitFor(all);
        isScheduled = false;

        const ports = portsOf(log, batches.flat(), () => false);
        expect((await rebuildLog(ports, workspace, options)).remedy).toBe('nothing');
        const segments = log.segments(workspace);
        const told = segments.flatMap(({ changes }) => changes).filter(({ kind }) => kind === 'task');
        const sources = batches.flat().map(({ source }) => source);
        expect(told.map(({ source }) => Number(source)).toSorted((a, b) => a - b)).toEqual(
          sources.map(Number),
        );
        const { log: name, last } = log.head(workspace)!;
        const ofLog = segments.filter((segment) => segment.log === name);
        expect(ofLog.map(({ segment }) => segment)).toEqual(
          ofLog.map((_, index) => last - ofLog.length + 1 + index),
        );
        const isAnother = head !== undefined && name !== head.log;
        if (isAnother) expect(ofLog[0]?.changes).toMatchObject([{ kind: 'resync', source: '0' }]);
      },
    ),
    { numRuns: 500 },
  );
});

it('a log that is written to all the time is rebuilt, and what came meanwhile counts as logged', async () => {
  const log = new MemoryLog();
  const newLog = identities();
  const batches = batchesOf([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
  const coming = [...batches];
  const next = async (): Promise<void> => {
    const batch = coming.shift();
    if (batch) await deliver(log, batch, newLog);
  };
  await next();
  log.putHead(workspace, { ...log.head(workspace)!, last: 7 });
  const ports = portsOf(log, batches.flat(), () => false);
  let looks = 0;
  const busy: InspectPorts = {
    ...ports,
    log: {
      ...ports.log,
      // Whatever was read, an append comes before it can be used.
      segments: async function* (...read) {
        looks += 1;
        yield* ports.log.segments(...read);
        await next();
      },
      replace: async (...replaced) => {
        if (coming.length > 4) await next();
        return ports.log.replace(...replaced);
      },
    },
  };
  const options = { now, newLog, historySeconds, recent: 0, settle: async () => undefined };
  const rebuilt = await rebuildLog(busy, workspace, { ...options, wantsNewLog: false, apply: true });
  expect(rebuilt.remedy).toBe('new log');
  expect(looks).toBeLessThanOrEqual(2);
  const { head } = rebuilt;
  // As where the answers of all of them were lost.
  for (const batch of batches.slice(0, batches.length - coming.length)) await deliver(log, batch, newLog);
  expect(log.head(workspace)).toMatchObject({ log: head!.log, last: head!.last });
});
