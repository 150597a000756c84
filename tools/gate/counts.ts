/** How many tests a runner has run, and how they ended. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** Part of what `jest --json` writes. Source: `FormattedTestResults` of @jest/test-result. */
interface JestResults {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Files that could not be run, of whose tests nothing is known. */
  readonly numRuntimeErrorTestSuites: number;
}

/** Part of what `npm run faults -- --json FILE` writes. */
interface FaultResults {
  readonly results: readonly { readonly findings: readonly unknown[] }[];
}

/**
 * Counts the tests in a runner's file of results: that of Jest, that of the fault matrix (a row is a test), or
 * `{"passed": N, "failed": N}`. A test that was left out, and a file of tests that could not be run, have failed.
 * @throws {Error} for JSON of another form.
 */
export function countsIn(results: unknown): Counts {
  if (typeof results === 'object' && results !== null) {
    if ('numPassedTests' in results) return countsOfJest(results as JestResults);
    if ('results' in results) return countsOfFaults(results as FaultResults);
    if ('passed' in results && 'failed' in results) return checked(results.passed, results.failed);
  }
  throw new Error('these are no results of a test runner that is known');
}

function countsOfJest(results: JestResults): Counts {
  const leftOut = results.numPendingTests + results.numTodoTests;
  return checked(
    results.numPassedTests,
    results.numFailedTests + leftOut + results.numRuntimeErrorTestSuites,
  );
}

function countsOfFaults({ results }: FaultResults): Counts {
  const passed = results.filter(({ findings }) => findings.length === 0).length;
  return { passed, failed: results.length - passed };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

function checked(passed: unknown, failed: unknown): Counts {
  if (!isCount(passed) || !isCount(failed)) throw new Error('the results of a test runner hold no numbers');
  return { passed, failed };
}
