/** Part of what Jest tells of a run. */
interface Run {
  readonly numTotalTestSuites: number;
  readonly numPassedTestSuites: number;
  readonly numFailedTestSuites: number;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

/** How often is told how far a run is, in tenths of its files. */
const tenths = 10;

/**
 * A reporter of Jest that tells how far a run is where no terminal shows it, as in CI: at each tenth of the files. On a
 * terminal Jest itself has a line for it.
 */
export default class Progress {
  readonly #began = performance.now();
  #told = 0;

  /** Hears of each file that was run. */
  onTestResult(_test: unknown, _result: unknown, run: Run): void {
    const done = run.numPassedTestSuites + run.numFailedTestSuites;
    const reached = Math.floor((tenths * done) / run.numTotalTestSuites);
    // Of a few files Jest's own lines say enough.
    if (process.stderr.isTTY || run.numTotalTestSuites < 2 * tenths || reached === this.#told) return;
    this.#told = reached;
    const failed = run.numFailedTests === 0 ? '' : `, ${run.numFailedTests} failed`;
    const seconds = Math.round((performance.now() - this.#began) / 1000);
    process.stderr.write(
      `── ${done} of ${run.numTotalTestSuites} files, ${run.numPassedTests} tests passed${failed}, ${seconds} s\n`,
    );
  }
}
