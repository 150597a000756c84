import fc from 'fast-check';
import { metricDefinitions } from '../../lambdas/shared/signals/metrics.ts';
import { MetricsRecorder } from '../../lambdas/shared/signals/recorder.ts';
import { Reservoir } from '../../lambdas/shared/signals/reservoir.ts';

type Line = readonly [dimension: string, ...values: readonly (readonly [string, string, number])[]];

/** A recorder, and the lines that it has published: the values of each, after the dimension that only it has. */
function recorderOf(): { recorder: MetricsRecorder; lines: Line[] } {
  const lines: Line[] = [];
  let line: (readonly [string, string, number])[] = [];
  const metrics = {
    addMetric: (name: string, unit: string, value: number) => void line.push([name, unit, value]),
    publishStoredMetrics: () => {
      lines.push(['', ...line]);
      line = [];
    },
    singleMetric: () => {
      let dimensions = '';
      const single = {
        addDimension: (name: string, value: string) => {
          dimensions = `${name}=${value}`;
          return single;
        },
        addMetric: (...value: readonly [string, string, number]) => void lines.push([dimensions, value]),
      };
      return single;
    },
  };
  const recorder = new MetricsRecorder(
    metrics as unknown as ConstructorParameters<typeof MetricsRecorder>[0],
    Math.random,
  );
  return { recorder, lines };
}

describe('the metrics of a function', () => {
  it('are one line: what is counted is one value, and what is measured all of its values', () => {
    const { recorder, lines } = recorderOf();
    recorder.count('Polls');
    recorder.count('ReadUnits', 0.5);
    recorder.count('Polls');
    recorder.measure('WriteToFrame', 12);
    recorder.measure('WriteToFrame', 7);
    recorder.publish();
    expect(lines).toEqual([
      [
        '',
        ['Polls', 'Count', 2],
        ['ReadUnits', 'Count', 0.5],
        ['WriteToFrame', 'Milliseconds', 12],
        ['WriteToFrame', 'Milliseconds', 7],
      ],
    ]);
  });

  it('are told once', () => {
    const { recorder, lines } = recorderOf();
    recorder.publish();
    expect(lines).toEqual([]);
    recorder.count('Polls');
    recorder.countBy('Ended', 'revoked');
    recorder.publish();
    const told = lines.length;
    recorder.publish();
    expect(lines).toHaveLength(told);
  });

  it('have a line of their own where they have a dimension of their own', () => {
    const { recorder, lines } = recorderOf();
    recorder.countBy('Ended', 'revoked');
    recorder.countBy('Ended', 'session_length');
    recorder.countBy('Ended', 'revoked');
    recorder.countBy('RefusedTokens', 'token_expired');
    recorder.publish();
    expect(lines).toEqual([
      ['reason=revoked', ['Ended', 'Count', 2]],
      ['reason=session_length', ['Ended', 'Count', 1]],
      ['cause=token_expired', ['RefusedTokens', 'Count', 1]],
    ]);
  });

  it('stay within a line of the format, however much is measured', () => {
    const { recorder, lines } = recorderOf();
    for (let value = 0; value < 5000; value += 1) recorder.measure('WriteToFrame', value);
    recorder.publish();
    expect(lines[0]!.slice(1)).toHaveLength(100);
  });

  it('have names and dimensions that CloudWatch takes', () => {
    for (const [name, definition] of Object.entries(metricDefinitions)) {
      expect(name).toMatch(/^[A-Z][A-Za-z]+$/);
      if ('by' in definition) expect(definition.by.dimension).toMatch(/^[a-z]+$/);
    }
  });
});

describe('a reservoir', () => {
  it('keeps all of few values, and some of many, none of them twice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.nat(500), (most, count) => {
        const reservoir = new Reservoir(most, Math.random);
        for (let value = 0; value < count; value += 1) reservoir.add(value);
        const kept = reservoir.take();
        expect(kept).toHaveLength(Math.min(most, count));
        expect(new Set(kept).size).toBe(kept.length);
        expect(kept.every((value) => value >= 0 && value < count)).toBe(true);
        expect(reservoir.take()).toEqual([]);
      }),
    );
  });

  it('keeps late values as often as early ones', () => {
    let late = 0;
    for (let run = 0; run < 1000; run += 1) {
      const reservoir = new Reservoir(10, Math.random);
      for (let value = 0; value < 100; value += 1) reservoir.add(value);
      late += reservoir.take().filter((value) => value >= 50).length;
    }
    // 5,000 of 10,000, with a standard deviation below 50.
    expect(late).toBeGreaterThan(4650);
    expect(late).toBeLessThan(5350);
  });
});
