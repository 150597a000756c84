import type { Finding, Verdict } from './experiment.ts';

/**
 * The value below which a share of some values is.
 * @param share 0.5 for the median, 1 for the greatest.
 * @throws {RangeError} where there are none.
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('there are no values');
  return value;
}

/** Whether what was measured is no more than what is assumed, with what is left for chance. */
export function atMost(measured: number, most: number): Verdict {
  return measured <= most ? 'as assumed' : 'differs';
}

/** The verdict of several: the worst of them. */
export function together(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('differs')) return 'differs';
  return verdicts.length === 0 || verdicts.includes('could not tell') ? 'could not tell' : 'as assumed';
}

/** The finding of an experiment that has nothing to judge. */
export function cannotTell(found: string, measured: Finding['measured'] = {}): Finding {
  return { verdict: 'could not tell', found, measured };
}

/** A number for people: whole from 100 on, with one digit after the point below. */
export function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 10) / 10;
}
