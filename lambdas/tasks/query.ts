import { highestLimit } from '../../protocol/parameters.ts';
import { Refusal } from '../../core/refusal.ts';

/** The parameters of a query, each with its value; of one that came more than once, API Gateway joins them with commas. */
export type Query = Readonly<Record<string, string | undefined>>;

/** @throws {Refusal} `invalid_parameter` where there are others than those that are known. */
export function refuseUnknown(query: Query, known: readonly string[]): void {
  const unknown = Object.keys(query).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const use = known.length === 0 ? 'there are none here' : `use ${known.join(', ')}`;
  const message = `unknown parameter "${unknown.slice(0, 64)}": ${use}`;
  throw new Refusal('invalid_parameter', message);
}

/**
 * Reads how many a page may hold.
 * @param usual where the query does not say.
 * @throws {Refusal} `invalid_parameter` for anything but a whole number up to `highestLimit`.
 */
export function readLimit(text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const limit = /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : Number.NaN;
  if (limit <= highestLimit) return limit;
  throw new Refusal('invalid_parameter', `"limit" must be a whole number from 1 to ${highestLimit}`);
}
