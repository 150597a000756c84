import { awsOf } from '../context.ts';
import type { Experiment } from '../experiment.ts';
import { cannotTell } from '../statistics.ts';

/** Those of `lib/operations/saved-queries.ts`; a test holds them to it. */
export const expectedQueries = ['trouble', 'ends', 'one request', 'canary', 'failed invocations'] as const;
const hourMs = 3_600_000;

/** Never run on AWS. */
export const savedQueries: Experiment = {
  name: 'saved-queries',
  question: 'Are the saved queries there, and does Logs Insights understand them?',
  dependsOn: '`lib/operations/saved-queries.ts`, which docs/RUNBOOK.md counts on and no emulator knows',
  method: 'Reads the saved queries of the stage and runs each over the last hour.',
  assumed: 'all are there, and each is `Complete`',
  change:
    'the query in `lib/operations/saved-queries.ts`; run it by hand in the console, which says what it does not understand',
  cents: 2,
  minutes: 3,
  needs: ['aws'],
  run: async (context) => {
    if (context.stage.monitoring === 'off') return cannotTell('the stage has no monitoring');
    const aws = awsOf(context);
    const queries = await aws.savedQueries();
    const missing = expectedQueries.filter((name) => !queries.some((query) => query.name === name));
    const to = context.clock.now();
    const failed: string[] = [];
    for (const query of queries) {
      const status = await aws
        .runQuery(query, { from: to - hourMs, to })
        .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
      if (status !== 'Complete') failed.push(`${query.name} (${status})`);
    }
    const measured = { 'queries that are there': queries.length, 'of them not understood': failed.length };
    const wrong = [
      ...missing.map((name) => `${name} is missing`),
      ...failed.map((name) => `${name} does not run`),
    ];
    if (wrong.length > 0) return { verdict: 'differs', found: wrong.join(', '), measured };
    return { verdict: 'as assumed', found: `all ${queries.length} run`, measured };
  },
};
