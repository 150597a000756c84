import path from 'node:path';
import { Coverage } from '../../tools/fuzz/coverage.ts';
import { memoryGrowth } from '../../tools/fuzz/memory.ts';
import { describeFailure } from '../../tools/fuzz/report.ts';
import type { FuzzRequest } from '../../tools/fuzz/request.ts';
import { successes } from '../../tools/fuzz/request.ts';
import { fuzz, fuzzEnvironment } from '../../tools/fuzz/run.ts';
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
    // Both sides of the door were tried, and what is far behind it.
    for (const status of [201, 400, 401, 403, 404])
      expect(report.coverage.statuses[status]).toBeGreaterThan(0);
    expect(report.coverage.missing(report.ends)).toEqual([]);
  });
});

describe('what a run has reached', () => {
  const request = (route: string | undefined) => ({ route }) as FuzzRequest;
  const answer = (status: number, text = '') => ({ status, text, failure: undefined });
  const ends = { disconnected: 1, ended_by_admin: 1, revoked: 1 };

  it('is everything when each route has its good answer, and streams were resumed and ended in each way', () => {
    const coverage = new Coverage();
    for (const [route, success] of successes) coverage.add(request(route), answer(success));
    for (const data of ['true', 'false,"reason":"unknown_cursor"', 'false,"reason":"rights_changed"']) {
      coverage.add(
        request('GET /sse/connect'),
        answer(200, `retry: 1\n\nevent: resume\ndata: {"complete":${data}}\n\n`),
      );
    }
    expect(coverage.missing(ends)).toEqual([]);
    expect(coverage.missing({ ...ends, revoked: 0 })).toEqual(['no kept stream ended as revoked']);
  });

  it('is not, when a route was only refused or another one answered so', () => {
    const coverage = new Coverage();
    coverage.add(request('POST /tasks'), answer(400));
    coverage.add(request(undefined), answer(201));
    coverage.add(request('GET /sse/connect'), answer(200, 'retry: 1\n\n'));
    expect(coverage.missing(ends)).toEqual(
      expect.arrayContaining(['POST /tasks never answered 201', 'no resume was complete']),
    );
    expect(coverage.missing(ends)).not.toContain('GET /sse/connect never answered 200');
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

  it.each([
    [3, true],
    [5, false],
  ])('may rise by %s MB of heap at the end: %s', (more, isFlat) => {
    const [before, after] = [50, 50 + more];
    expect(flat([before, before, before, before, before, before, after, after, after])).toEqual([
      isFlat,
      true,
    ]);
  });

  it('may not go on rising', () => {
    expect(flat([50, 55, 60, 65, 70, 75, 95, 100, 110])).toEqual([false, false]);
  });
});
