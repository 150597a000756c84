import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { headKey } from '../../../lambdas/shared/dynamodb/log-item.ts';
import { measured } from '../../cost/measured.ts';
import type { Aws } from '../aws/aws.ts';
import type { Context } from '../context.ts';
import type { Experiment } from '../experiment.ts';
import { atMost, cannotTell, quantile, rounded } from '../statistics.ts';

const reads = 50;
const hours = 3;
/** Times what is assumed: what an experiment is not exact enough for. */
const tolerance = 3;

/** A read of the local database, as this machine sees it: there the functions are as near to it. */
async function readHere({ tables }: Context): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < reads; index += 1) {
    const began = performance.now();
    await tables.client.send(new GetCommand({ TableName: tables.events, Key: headKey('verify-account') }));
    times.push(performance.now() - began);
  }
  return quantile(times, 0.5);
}

/**
 * What DynamoDB says of itself: how long successful requests took in it, without the network.
 * Source: "DynamoDB metrics and dimensions", DynamoDB developer guide. Never run on AWS.
 */
async function readByMetric(aws: Aws, { tables, clock }: Context): Promise<number | undefined> {
  const now = clock.now();
  const all = await aws.metrics(
    ['GetItem', 'Query'].map((operation) => ({
      namespace: 'AWS/DynamoDB',
      name: 'SuccessfulRequestLatency',
      dimensions: { TableName: tables.events, Operation: operation },
      statistic: 'Average',
      periodSeconds: hours * 3600,
    })),
    { from: now - hours * 3_600_000, to: now },
  );
  const values = all.flatMap((series) => series.values);
  return values.length === 0 ? undefined : quantile(values, 1);
}

export const readTime: Experiment = {
  name: 'reads',
  question: 'How long does a read of DynamoDB take?',
  dependsOn: '`readMs` in `operate/cost/measured.ts`: each pause between two polls begins after a read',
  method:
    'Asks CloudWatch how long reads of the events table took in the last three hours; on a local stack it reads fifty times.',
  assumed: `at most ${tolerance} × ${measured.readMs} ms`,
  change: 'set `readMs` to the number and write the tables anew: `npm run -s cost -- --write-tables`',
  cents: 1,
  minutes: 1,
  needs: [],
  run: async (context) => {
    const found =
      context.aws === undefined ? await readHere(context) : await readByMetric(context.aws, context);
    if (found === undefined)
      return cannotTell('CloudWatch has no reads of the last hours: run it after the others');
    return {
      verdict: atMost(found, tolerance * measured.readMs),
      found: `a read takes ${rounded(found)} ms`,
      measured: { 'read, ms': rounded(found) },
    };
  },
};
