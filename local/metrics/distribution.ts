/** The values of one metric in one stretch of time, in a form that does not grow with their number. */
export interface Distribution {
  count: number;
  sum: number;
  least: number;
  most: number;
  /** Bin → how many values are in it. */
  readonly bins: Map<number, number>;
}

/** How much wider each bin is than the one below it: percentiles are exact to half of that, a fortieth. */
const binRatio = 1.05;

/** The bin of everything that has no logarithm. */
const zeroBin = Number.NEGATIVE_INFINITY;

/** A stretch of time without any value. */
export function emptyDistribution(): Distribution {
  return {
    count: 0,
    sum: 0,
    least: Number.POSITIVE_INFINITY,
    most: Number.NEGATIVE_INFINITY,
    bins: new Map(),
  };
}

/** Adds a value. */
export function addValue(to: Distribution, value: number): void {
  to.count += 1;
  to.sum += value;
  to.least = Math.min(to.least, value);
  to.most = Math.max(to.most, value);
  const bin = value > 0 ? Math.round(Math.log(value) / Math.log(binRatio)) : zeroBin;
  to.bins.set(bin, (to.bins.get(bin) ?? 0) + 1);
}

/** Adds all values of another stretch. */
export function addDistribution(to: Distribution, { count, sum, least, most, bins }: Distribution): void {
  to.count += count;
  to.sum += sum;
  to.least = Math.min(to.least, least);
  to.most = Math.max(to.most, most);
  for (const [bin, inBin] of bins) to.bins.set(bin, (to.bins.get(bin) ?? 0) + inBin);
}

const percentilePattern = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;

/**
 * A statistic of a stretch of time.
 * @param statistic by its name in CloudWatch, such as `Sum` or `p99`. Percentiles are exact to a fortieth.
 * @returns undefined where there is no value.
 * @throws {TypeError} for one that is not known here.
 */
export function statisticOf(values: Distribution, statistic: string): number | undefined {
  const percentile = percentilePattern.exec(statistic)?.[1];
  if (
    percentile === undefined &&
    !['Sum', 'Maximum', 'Minimum', 'Average', 'SampleCount'].includes(statistic)
  )
    throw new TypeError(`the local CloudWatch does not know the statistic ${statistic}`);
  if (values.count === 0) return undefined;
  if (percentile !== undefined) return percentileOf(values, Number(percentile));
  switch (statistic) {
    case 'Sum':
      return values.sum;
    case 'Maximum':
      return values.most;
    case 'Minimum':
      return values.least;
    case 'Average':
      return values.sum / values.count;
    default:
      return values.count;
  }
}

/** The value at or below which so many percent of the values are, by the nearest rank. */
function percentileOf({ count, least, most, bins }: Distribution, percent: number): number {
  const rank = Math.max(1, Math.ceil((percent / 100) * count));
  let below = 0;
  for (const [bin, inBin] of [...bins].toSorted(([one], [other]) => one - other)) {
    below += inBin;
    if (below >= rank) return Math.min(most, Math.max(least, bin === zeroBin ? 0 : binRatio ** bin));
  }
  return most;
}
