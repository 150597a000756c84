import { watchMemory } from '../../lambdas/stream/memory-watch.ts';
import { VirtualClock } from '../core/virtual-clock.ts';

describe('the watch of the memory of a process', () => {
  it('hands a tenth of the streams over at a time, as long as the process is above the mark', async () => {
    const clock = new VirtualClock();
    const begin = clock.now();
    const over = new AbortController();
    const sizes = [900, 1100, 1200, 1000];
    const handedOver: { most: number; after: number }[] = [];
    const server = {
      open: 128,
      handOver: (most: number) => {
        handedOver.push({ most, after: clock.now() - begin });
        server.open -= most;
      },
    };
    const residentBytes = (): number => {
      const size = sizes.shift()!;
      if (sizes.length === 0) over.abort();
      return size;
    };

    await watchMemory(1000, { server, residentBytes, clock }, over.signal);

    expect(handedOver).toEqual([
      { most: 13, after: 30_000 },
      { most: 12, after: 45_000 },
    ]);
  });
});
