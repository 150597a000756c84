import { jest } from '@jest/globals';
import { Signals } from '../../lambdas/shared/signals/signals.ts';
import { metricsIn } from '../../local/metrics/metric-lines.ts';

describe('the metrics of a process that goes on', () => {
  const lines: string[] = [];
  beforeEach(() => {
    jest.useFakeTimers();
    // Else Powertools brings a console of its own, but with it no metrics.
    process.env['POWERTOOLS_DEV'] = 'true';
    process.env['POWERTOOLS_METRICS_DISABLED'] = 'false';
    process.env['POWERTOOLS_METRICS_NAMESPACE'] = 'Taskwire/test';
    process.env['POWERTOOLS_SERVICE_NAME'] = 'stream';
    jest.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  });
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
    for (const name of ['DEV', 'METRICS_DISABLED', 'METRICS_NAMESPACE', 'SERVICE_NAME'])
      delete process.env[`POWERTOOLS_${name}`];
  });

  it('say each minute how many streams it has, none among them, and once more at its end', () => {
    let streams = 3;
    const stop = new Signals(0, { StreamsOfProcess: () => streams }).start();
    jest.advanceTimersByTime(60_000);
    streams = 0;
    jest.advanceTimersByTime(60_000);
    stop();
    jest.advanceTimersByTime(600_000);
    const told = lines.flatMap((line) => metricsIn(line));

    expect(told.map(({ name, values }) => [name, ...values])).toEqual([
      ['StreamsOfProcess', 3],
      ['StreamsOfProcess', 0],
      ['StreamsOfProcess', 0],
    ]);
    expect(told[0]).toMatchObject({ namespace: 'Taskwire/test', dimensions: { service: 'stream' } });
  });
});
