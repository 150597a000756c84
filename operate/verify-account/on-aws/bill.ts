import { functionMemory } from '../../../lib/functions/function-memory.ts';
import type { PriceName } from '../../../lib/operations/prices.ts';
import { dollarsFor, prices } from '../../../lib/operations/prices.ts';
import type { Aws, BilledUsage } from '../aws/aws.ts';
import { watchedFunctions } from '../aws/aws.ts';
import { awsOf } from '../context.ts';
import type { Experiment, Finding } from '../experiment.ts';
import { cannotTell } from '../statistics.ts';
import type { PriceListEntry } from './price-list.ts';
import { priceListEntries } from './price-list.ts';

const daySeconds = 86_400;
/** Of the compute that was counted and that which was billed. */
const tolerance = 0.1;
/** Below it a line is not worth a word, US dollars. */
const leastDollars = 0.01;

/** Compute of the stage on a day as CloudWatch counts it, GB-seconds. */
async function countedCompute(aws: Aws, day: string): Promise<number> {
  const from = Date.parse(`${day}T00:00:00Z`);
  const questions = await Promise.all(
    watchedFunctions.map(async (name) => ({
      namespace: 'AWS/Lambda',
      name: 'Duration',
      dimensions: { FunctionName: await aws.nameOf(name) },
      statistic: 'Sum' as const,
      periodSeconds: daySeconds,
    })),
  );
  const all = await aws.metrics(questions, { from, to: from + daySeconds * 1000 });
  return all.reduce((sum, { values }, index) => {
    const ms = values.reduce((total, value) => total + value, 0);
    return sum + (ms / 1000) * (functionMemory[watchedFunctions[index]!] / 1024);
  }, 0);
}

/** What a line of the bill is paid for, where it is in our price list. */
function priceNameOf(usageType: string): PriceName | undefined {
  const entries = Object.entries(priceListEntries) as Array<[PriceName, PriceListEntry]>;
  return entries.find(([, entry]) => entry.usageType === usageType)?.[0];
}

/** Lines that cost something and are not what our price says, or that our bill does not know. */
export function oddLines(lines: readonly BilledUsage[]): string[] {
  return lines
    .filter(({ dollars }) => dollars >= leastDollars)
    .flatMap(({ usageType, quantity, dollars }) => {
      const name = priceNameOf(usageType);
      if (name === undefined)
        return [`${usageType} costs $${dollars.toFixed(2)}, which npm run cost does not know`];
      const ours = dollarsFor(prices[name], quantity);
      // A part of it may have been free.
      return dollars > ours * (1 + tolerance)
        ? [`${usageType} costs $${dollars.toFixed(2)}, not $${ours.toFixed(2)}`]
        : [];
    });
}

function judge(lines: readonly BilledUsage[], counted: number): Finding {
  const compute = lines.find(({ usageType }) => usageType === priceListEntries.compute!.usageType);
  const odd = oddLines(lines);
  const sum = lines.reduce((total, { dollars }) => total + dollars, 0);
  const measured = {
    'bill of the day, $': sum.toFixed(2),
    'compute billed, GB-seconds': Math.round(compute?.quantity ?? 0),
    'compute counted, GB-seconds': Math.round(counted),
  };
  if (odd.length > 0) return { verdict: 'differs', found: odd.join('; '), measured };
  if (compute === undefined || counted === 0) {
    return cannotTell(
      'nothing ran on that day, or its bill is not there yet: it takes up to a day',
      measured,
    );
  }
  const found = `${measured['compute billed, GB-seconds']} GB-seconds were billed, ${measured['compute counted, GB-seconds']} counted`;
  const isClose = Math.abs(compute.quantity - counted) <= tolerance * counted;
  return { verdict: isClose ? 'as assumed' : 'differs', found, measured };
}

/** Never run on AWS. */
export const bill: Experiment = {
  name: 'bill',
  question: 'Is the bill of a day what `npm run cost` is made of?',
  dependsOn:
    '`operate/cost/`: whether anything is billed that it does not know, and whether streams are billed as they run',
  method:
    'Reads the bill of `--day` (yesterday, UTC) by usage type from Cost Explorer, compares each line with our price, and the compute with what CloudWatch has counted. Wants an account with nothing else in it, and a day later.',
  assumed: 'every line above a cent is in our price list at our price, and the compute is within a tenth',
  change:
    'a line that is not known: into `lib/operations/prices.ts` and the units of `operate/cost/`. More compute than counted: what Lambda bills beyond `Duration`, such as cold starts',
  cents: 2,
  minutes: 1,
  needs: ['aws'],
  run: async (context) => {
    const aws = awsOf(context);
    return judge(await aws.billOf(context.billedDay), await countedCompute(aws, context.billedDay));
  },
};
