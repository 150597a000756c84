/**
 * `node tools/gate/count-tests.ts FILE...`: how many tests the runners have run, by their files of results, as two
 * numbers, `PASSED FAILED`. A file that is missing, cannot be read or holds no test counts as a failure, and is told; so
 * does one without a failed test whose step failed, which the file FILE.failed says.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Counts } from './counts.ts';
import { countsIn } from './counts.ts';

function countsOf(file: string): Counts {
  try {
    const counts = countsIn(JSON.parse(readFileSync(file, 'utf8')));
    if (counts.passed + counts.failed === 0) throw new Error('no test was run');
    return existsSync(`${file}.failed`) ? { ...counts, failed: Math.max(counts.failed, 1) } : counts;
  } catch (error) {
    console.error(`${file}: ${(error as Error).message}`);
    return { passed: 0, failed: 1 };
  }
}

const all = process.argv.slice(2).map(countsOf);
const sum = (kind: keyof Counts): number => all.reduce((total, counts) => total + counts[kind], 0);
console.log(`${sum('passed')} ${sum('failed')}`);
