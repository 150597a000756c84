/** Runs before each test file: whatever is logged in it, by the stack or by the test's own process, holds no secret. */
import { format } from 'node:util';
import { afterAll, afterEach } from '@jest/globals';
import { inspectLog, takeLeaks } from './log-watch.ts';

for (const method of ['debug', 'info', 'log', 'warn', 'error'] as const) {
  const write = console[method].bind(console);
  console[method] = (...values: unknown[]) => {
    inspectLog('the process of the test', format(...values));
    write(...values);
  };
}

function failOnLeaks(): void {
  const leaks = takeLeaks();
  if (leaks.length > 0) throw new Error(`secrets in logs:\n${leaks.join('\n')}`);
}

afterEach(failOnLeaks);
afterAll(failOnLeaks);
