import * as fc from 'fast-check';
import {
  addDistribution,
  addValue,
  emptyDistribution,
  statisticOf,
} from '../../../local/metrics/distribution.ts';
import type { Metric } from '../../../local/metrics/metric-store.ts';
import { MetricStore } from '../../../local/metrics/metric-store.ts';

const minute = 60_000;
const hour = 60 * minute;
const begin = Date.UTC(2026, 0, 1);
const errors: Metric = { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'one' } };

describe('the store of metrics', () => {
  let now = begin;
  let store: MetricStore;
  beforeEach(() => {
    now = begin;
    store = new MetricStore(() => now);
  });

  const sums = (from: number, to: number, periodSeconds = 60, metric = errors): (number | undefined)[] =>
    store.series({ metric, statistic: 'Sum', periodSeconds, from, to });

  it('gives a value for each period, and none where nothing was', () => {
    store.record(errors, 1);
    now += minute - 1;
    store.record(errors, 2, 3);
    now += 2 * minute;
    store.record(errors, 4);
    expect(sums(begin, begin + 4 * minute)).toEqual([6, undefined, 4, undefined]);
    expect(sums(begin, begin + 4 * minute, 120)).toEqual([6, 4]);
    expect(sums(begin + minute, begin + 3 * minute)).toEqual([undefined, 4]);
  });

  it('knows a metric by namespace, name and dimensions, in whatever order these are', () => {
    const two = { ...errors, dimensions: { b: '2', a: '1' } };
    store.record(two, 1);
    const last = [begin, begin + minute, 60] as const;
    expect(sums(...last, { ...errors, dimensions: { a: '1', b: '2' } })).toEqual([1]);
    for (const other of [
      errors,
      { ...two, name: 'Other' },
      { ...two, namespace: 'Other' },
      { ...two, dimensions: { a: '1' } },
    ])
      expect(sums(...last, other)).toEqual([undefined]);
    expect(store.metrics()).toEqual([two]);
  });

  it('keeps the minutes of three hours, the quarters of a day, and no more, however long it goes on', () => {
    for (let minutes = 0; minutes < 3 * 24 * 60; minutes += 1) {
      store.record(errors, 1);
      now += minute;
    }
    const ended = now;
    expect(sums(ended - 3 * hour, ended)).toEqual(Array.from({ length: 180 }, () => 1));
    expect(sums(ended - 24 * hour, ended, 15 * 60)).toEqual(Array.from({ length: 96 }, () => 15));
    expect(sums(ended - 24 * hour, ended, 24 * 3600)).toEqual([1440]);
    const kept = sums(ended - 72 * hour, ended).filter((value) => value !== undefined);
    expect(kept.length).toBeLessThan(290);
  });

  it('says when something is recorded', async () => {
    const changed = store.changed();
    store.record(errors, 1);
    await expect(changed).resolves.toBeUndefined();
  });

  it.each([0, 90, -60, Number.NaN])('has no periods of %s s', (periodSeconds) => {
    expect(() => sums(begin, begin + hour, periodSeconds)).toThrow('no period of whole minutes');
  });
});

describe('the statistics of values', () => {
  const values = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 200 });
  const of = (some: readonly number[]): ReturnType<typeof emptyDistribution> => {
    const distribution = emptyDistribution();
    for (const value of some) addValue(distribution, value);
    return distribution;
  };

  it('are sum, count, mean, least and most', () => {
    const some = of([4, 1, 7]);
    const statistics = ['Sum', 'SampleCount', 'Average', 'Minimum', 'Maximum'];
    expect(statistics.map((name) => statisticOf(some, name))).toEqual([12, 3, 4, 1, 7]);
    expect(statisticOf(emptyDistribution(), 'Sum')).toBeUndefined();
  });

  it('are percentiles within a fortieth of those of all values, whatever they are', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(0, 1, 50, 90, 99, 99.9, 100), (some, percent) => {
        const sorted = some.toSorted((one, other) => one - other);
        const exact = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]!;
        const found = statisticOf(of(some), `p${percent}`)!;
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * 0.025);
      }),
    );
  });

  it('are the same of two stretches as of their values', () => {
    fc.assert(
      fc.property(values, values, (some, others) => {
        const both = of(some);
        addDistribution(both, of(others));
        const whole = of([...some, ...others]);
        for (const name of ['SampleCount', 'Minimum', 'Maximum', 'p50', 'p99'])
          expect(statisticOf(both, name)).toBe(statisticOf(whole, name));
        expect(statisticOf(both, 'Sum')).toBeCloseTo(statisticOf(whole, 'Sum')!, 0);
      }),
    );
  });

  it.each(['sum', 'p', 'p101', 'TM(10%:90%)', 'IQM'])('are not %s', (name) => {
    expect(() => statisticOf(of([1]), name)).toThrow(`does not know the statistic ${name}`);
  });
});
