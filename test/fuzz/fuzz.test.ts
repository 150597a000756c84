import path from 'node:path';
import { memoryGrowth } from '../../scripts/fuzz/memory.ts';
import { describeFailure } from '../../scripts/fuzz/report.ts';
import { fuzz, fuzzEnvironment } from '../../scripts/fuzz/run.ts';
import { TestStack } from '../end-to-end/stack.ts';

describe('every endpoint', () => {
  let stack: TestStack;
  beforeAll(async () => {
    const pageDirectory = path.join(import.meta.dirname, '..', '..', 'dashboard');
    stack = await TestStack.start({ environment: fuzzEnvironment, pageDirectory });
  });
  afterAll(() => stack.close());

  // The command `npm run -s fuzz` sends more, and looks at the memory, which so few cannot fill.
  it('answers 2,000 random requests, none of them with an error of the server', async () => {
    // A change is to be judged here, and not the luck of a run.
    const seed = 1;
    const report = await fuzz(stack.local, { count: 2000, seed });
    expect(report.failures.map((failure) => describeFailure(failure, seed))).toEqual([]);
    expect(report.crashed).toEqual([]);
    // Both sides of the door were tried.
    for (const status of [200, 201, 400, 401, 403, 404]) expect(report.statuses[status]).toBeGreaterThan(0);
  });
});

describe('the memory of a function', () => {
  const curve = (samples: readonly number[]) => ({
    name: 'f',
    samples: samples.map((megabytes) => ({ heapUsed: megabytes * 2 ** 20, rss: 2 * megabytes * 2 ** 20 })),
  });
  const flat = (samples: readonly number[]): boolean[] =>
    memoryGrowth([curve(samples)]).map(({ isFlat }) => isFlat);

  it('may rise at the begin, and go up and down', () => {
    expect(flat([10, 20, 50, 60, 55, 70, 50, 80, 56])).toEqual([true, true]);
  });

  it('may not go on rising', () => {
    expect(flat([50, 55, 60, 65, 70, 75, 95, 100, 110])).toEqual([false, false]);
  });
});
