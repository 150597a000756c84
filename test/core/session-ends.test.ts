import type { ReadStore } from '../../core/log/read-store.ts';
import type { EndReason } from '../../protocol/end-reasons.ts';
import { MemoryLog } from './memory-log.ts';
import { open } from './open-session.ts';

/** Runs a session whose host does something to it after 7 s, between two looks at anything; tells how it ended. */
async function endAfter(
  act: (session: ReturnType<typeof open>['session']) => unknown,
  log: ReadStore = new MemoryLog(),
): Promise<{ reason: EndReason; after: number; text: string }> {
  const { session, clock, text } = open(log, () => undefined);
  const begin = clock.now();
  await session.open();
  const run = session.run();
  await clock.sleep(7000);
  act(session);
  return { reason: await run, after: clock.now() - begin, text: text() };
}

describe('a session that its host ends', () => {
  it('ends at once, with the reason and where it is', async () => {
    const { reason, after, text } = await endAfter((session) => session.end('deploy'));
    expect([reason, after]).toEqual(['deploy', 7000]);
    expect(text).toMatch(/event: end\ndata: .*"reason":"deploy".*\n/);
    expect(text.slice(text.indexOf('event: end'))).toMatch(/^id: \S+/m);
  });

  it('ends as it opens, where it was ended before', async () => {
    const { session, clock, text } = open(new MemoryLog(), () => undefined);
    const begin = clock.now();
    await session.open();
    session.end('deploy');
    expect([await session.run(), clock.now() - begin]).toEqual(['deploy', 0]);
    expect(text()).toContain('"reason":"deploy"');
  });

  it('is handed over: its client is told first, and the end comes some seconds later', async () => {
    const { reason, after, text } = await endAfter((session) => session.handOver());
    expect(reason).toBe('deploy');
    expect(after).toBeGreaterThanOrEqual(7000 + 5000);
    expect(after).toBeLessThanOrEqual(7000 + 10_000);
    expect(text.indexOf('event: handover')).toBeGreaterThan(0);
    expect(text.indexOf('event: handover')).toBeLessThan(text.indexOf('event: end'));
  });
});
