import type { Host, Usage } from './hosts.ts';
import { unitsOf } from './hosts.ts';
import type { Price } from '../../lib/operations/prices.ts';
import { dollarsFor, prices } from '../../lib/operations/prices.ts';
import type { BilledStage, UnitLine } from './unit-lines.ts';

/** A line of a bill. */
export interface BillLine {
  readonly price: Price;
  readonly quantity: number;
  readonly dollars: number;
}

/** What a month costs with one host, US dollars. */
export interface Bill {
  readonly host: Pick<Host, 'name' | 'title'>;
  /** By the names of prices, in the order of the price list; those that are paid for are in it, and no others. */
  readonly lines: ReadonlyMap<string, BillLine>;
  readonly sum: number;
}

/** What some units cost, US dollars. */
export function dollarsOf(lines: readonly UnitLine[]): number {
  return lines.reduce((sum, { price, quantity }) => sum + dollarsFor(prices[price], quantity), 0);
}

/**
 * Makes the bill of a month.
 * @throws {RangeError} for units that have no price.
 */
export function billOf(host: Host, stage: BilledStage, usage: Usage): Bill {
  const quantities = new Map<string, number>();
  for (const { price, quantity } of unitsOf(host, stage, usage)) {
    quantities.set(price, (quantities.get(price) ?? 0) + quantity);
  }
  const known: Readonly<Record<string, Price>> = { ...prices, ...host.prices };
  const unknown = [...quantities.keys()].find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) throw new RangeError(`there is no price of ${unknown}`);
  const lines = new Map<string, BillLine>();
  for (const [name, price] of Object.entries(known)) {
    const quantity = quantities.get(name);
    if (quantity === undefined || quantity === 0) continue;
    lines.set(name, { price, quantity, dollars: dollarsFor(price, quantity) });
  }
  const sum = [...lines.values()].reduce((all, { dollars }) => all + dollars, 0);
  return { host, lines, sum };
}
