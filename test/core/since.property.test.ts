import fc from 'fast-check';
import { appendBatch } from '../../core/log/append.ts';
import type { Subscription } from '../../core/subscription/subscription.ts';
import type { CurrentTasks } from '../../core/subscription/past.ts';
import { withoutReturnMark } from '../../protocol/cursor.ts';
import type { EndReason } from '../../protocol/end-reasons.ts';
import type { SeenFrame } from './event-stream.ts';
import { parseFrames } from './event-stream.ts';
import { received } from './histories.ts';
import type { MemoryLog } from './memory-log.ts';
import { sampleLog } from './memory-log.ts';
import { open } from './open-session.ts';
import { anyBatches, anySubscription, liveEvents, logOf, mayBeTold } from './past-samples.ts';
import { anyWrites, write } from './table-writes.ts';

/** What a client gets of a stream, and of those after it as long as it is only catching up. */
async function follow(
  log: MemoryLog,
  wanted: { cursor?: string | undefined; since?: number },
  subscription: Subscription,
  tasks: CurrentTasks,
): Promise<string> {
  let text = '';
  for (let { cursor } = wanted, streams = 0; ; streams += 1) {
    expect(streams).toBeLessThan(500);
    const stream = open(log, () => undefined, { ...wanted, cursor, subscription, tasks, sessionMs: 60_000 });
    await stream.session.open();
    const reason: EndReason = await stream.session.run();
    text += stream.text();
    if (reason !== 'catching_up') return text;
    cursor = withoutReturnMark(parseFrames(text).at(-1)!.id!);
  }
}

function resumeOf(text: string): SeenFrame | undefined {
  return parseFrames(text).find(({ event }) => event === 'resume');
}

describe('a stream since a time', () => {
  it('tells what its client might have had live and may still see, also when it is cut and what may be seen changes', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyBatches,
        anyWrites,
        anySubscription,
        fc.integer({ min: 0, max: 9 }),
        fc.constantFrom(0.5, 20, 70),
        fc.nat(),
        async (batches, later, subscription, second, units, cut) => {
          const { clock, begin, log, table, tasks, logged } = await logOf(batches, units);
          const since = begin + second * 1000;
          const past = liveEvents(logged, since, subscription);
          const wasTold = past.map((event) => mayBeTold(event, subscription, table));
          const whole = await follow(log, { since }, subscription, tasks);
          expect(received(whole)).toEqual(past.filter((_, index) => wasTold[index]));
          expect(resumeOf(whole)?.data).toBe('{"complete":true}');

          // Cut after any frame; then other tasks may be seen, and the client comes back.
          const frames = whole.split('\n\n').slice(0, -1);
          const kept = `${frames.slice(0, 1 + (cut % frames.length)).join('\n\n')}\n\n`;
          const cursor = withoutReturnMark(parseFrames(kept).at(-1)!.id!);
          const changes = write(table, later, 1000);
          const at = clock.now() + 1000;
          const options = { now: () => at, newLog: () => sampleLog, historySeconds: 86_400 };
          await appendBatch(log, { workspace: 'acme', stream: 's', changes }, options);
          const rest = received(await follow(log, { cursor }, subscription, tasks));

          const live = liveEvents([{ at, changes }], 0, subscription);
          const next = (place: number): string =>
            JSON.stringify([
              ...past.slice(place).filter((event) => mayBeTold(event, subscription, table)),
              ...live,
            ]);
          // The cursor is behind what was told, and somewhere among what was left out after that.
          const toldPlaces = wasTold.flatMap((isTold, index) => (isTold ? [index] : []));
          const known = received(kept).length;
          const first = known === 0 ? 0 : toldPlaces[known - 1]! + 1;
          const last = toldPlaces[known] ?? past.length;
          const possible = Array.from({ length: last - first + 1 }, (_, index) => next(first + index));
          expect(possible).toContain(JSON.stringify(rest));
        },
      ),
      { numRuns: 200 },
    );
  });
});
