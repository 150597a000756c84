import fc from 'fast-check';
import type { HistoryAnswer, HistoryQuery } from '../../core/history/history.ts';
import { readHistory } from '../../core/history/history.ts';
import { PageReader } from '../../core/log/page-reader.ts';
import { anyBatches, anySubscription, liveEvents, logOf, mayBeTold } from './past-samples.ts';

/** All pages, one after another. */
async function readAll(
  read: (query: HistoryQuery) => Promise<HistoryAnswer>,
  query: Omit<HistoryQuery, 'cursor'>,
  limit: number,
): Promise<readonly unknown[]> {
  const events: unknown[] = [];
  for (let cursor: string | undefined, pages = 0; ; pages += 1) {
    const page = await read({ ...query, cursor });
    expect(page.events.length).toBeLessThanOrEqual(limit);
    expect(pages).toBeLessThan(500);
    events.push(...page.events.map((json): unknown => JSON.parse(json)));
    if (page.nextCursor === undefined) return events;
    cursor = page.nextCursor;
  }
}

describe('the history', () => {
  it('tells in any pages and either order what its reader might have had live and may still see', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyBatches,
        anySubscription,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: -1, max: 9 }),
        fc.constantFrom(0.5, 20, 70),
        async (batches, subscription, limit, second, units) => {
          const { clock, begin, log, table, tasks, logged } = await logOf(batches, units);
          const since = second < 0 ? undefined : begin + second * 1000;
          const room = { limit, most: 2000, weigh: (json: string) => json.length };
          const expected = liveEvents(logged, since ?? 0, subscription).filter((event) =>
            mayBeTold(event, subscription, table),
          );
          for (const order of ['oldest', 'newest'] as const) {
            const events = await readAll(
              (query) => {
                // A process that was just started, as it may be for each page.
                const reader = new PageReader(log, clock, 0);
                return readHistory({ reader, tasks, clock }, subscription, query, room);
              },
              { order, since },
              limit,
            );
            expect(events).toEqual(order === 'oldest' ? expected : expected.toReversed());
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
