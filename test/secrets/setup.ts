/** Runs before each test file: whatever is logged in it, by the stack or by the test's own process, holds no secret. */
import { format } from 'node:util';
import { failOnLeaks, inspectLog } from './log-watch.ts';

for (const method of ['debug', 'info', 'log', 'warn', 'error'] as const) {
  const write = console[method].bind(console);
  console[method] = (...values: unknown[]) => {
    // What holds a secret is told by the failure, without the secret.
    if (inspectLog('the process of the test', format(...values))) write(...values);
  };
}

afterEach(failOnLeaks);
// This runs before the hooks of the file, which close its stacks: those look for themselves what was logged at their end.
afterAll(failOnLeaks);
