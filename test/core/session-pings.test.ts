import { MemoryLog } from './memory-log.ts';
import { open } from './open-session.ts';

/** The times of the pings of a session of ten minutes, whose heartbeat is 15 s; milliseconds after it opened. */
async function pingTimes(lateMs: number): Promise<number[]> {
  const times: number[] = [];
  const { session, clock } = open(new MemoryLog(), (text) => {
    if (text.includes('event: ping')) times.push(clock.now() - begin);
    // So long it takes until the client has room for more.
    return clock.sleep(lateMs);
  });
  const begin = clock.now();
  await session.open();
  await session.run();
  return times;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('the pings of a session', () => {
  it('come every 15 s', async () => {
    expect(await pingTimes(0)).toEqual(numbers(39).map((number) => number * 15_000));
  });

  it('are as many where each is late: what makes one late makes none of the others late', async () => {
    const late = await pingTimes(900);
    expect(late).toHaveLength(39);
    expect(late.at(-1)! - 39 * 15_000).toBeLessThan(1000);
  });
});
