import type { PriceName } from '../../../lib/operations/prices.ts';
import { priceList, prices } from '../../../lib/operations/prices.ts';
import type { Aws } from '../aws/aws.ts';
import { awsOf } from '../context.ts';
import type { Experiment } from '../experiment.ts';
import { cannotTell } from '../statistics.ts';
import type { PriceListEntry } from './price-list.ts';
import { priceListEntries } from './price-list.ts';

/** Of two prices that are the same but for how they are rounded. */
const tolerance = 0.005;

/** What the list says for one unit, US dollars: its first tier. Undefined where it has no such usage type. */
async function listedPrice(
  aws: Aws,
  { service, usageType, hasFreeTier }: PriceListEntry,
): Promise<number | undefined> {
  const found = await aws.listedPrices(service, usageType);
  const tiers = found.flatMap((each) => each.tiers).filter(({ dollars }) => Number.isFinite(dollars));
  return tiers.find(({ dollars }) => hasFreeTier !== true || dollars > 0)?.dollars;
}

/** Never run on AWS. */
export const priceCheck: Experiment = {
  name: 'prices',
  question: 'Are the prices those of AWS’s price list?',
  dependsOn: `\`lib/operations/prices.ts\`, put together in ${priceList.date} from published lists: every sum of \`npm run cost\` and docs/DEPLOY.md, and \`CostADay\``,
  method: 'Asks the price list of AWS for each usage type and compares its first tier.',
  assumed: 'they are the same',
  change: 'set the prices and their `date`, and write the tables anew: `npm run -s cost -- --write-tables`',
  cents: 1,
  minutes: 1,
  needs: ['aws'],
  run: async (context) => {
    const aws = awsOf(context);
    const other: string[] = [];
    const missing: string[] = [];
    const measured: Record<string, string> = {};
    const entries = Object.entries(priceListEntries) as Array<[PriceName, PriceListEntry]>;
    for (const [name, entry] of entries) {
      const ours = prices[name].dollars / prices[name].per;
      const theirs = await listedPrice(aws, entry);
      if (theirs === undefined) missing.push(entry.usageType);
      else {
        measured[`${prices[name].label}, $`] = String(theirs);
        if (Math.abs(theirs - ours) > tolerance * ours)
          other.push(`${prices[name].label}: $${theirs}, not $${ours}`);
      }
    }
    if (other.length > 0) return { verdict: 'differs', found: other.join('; '), measured };
    if (missing.length > 0) return cannotTell(`the list knows no ${missing.join(', ')}`, measured);
    return { verdict: 'as assumed', found: `all ${entries.length} are the same`, measured };
  },
};
