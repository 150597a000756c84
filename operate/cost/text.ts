import type { Price } from '../../lib/operations/prices.ts';

/** A number with commas, and at most so many digits after the point. */
export function number(value: number, digits = 0): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

/** Dollars with cents, `$1,234.50`; less than a cent is not nothing. */
export function money(dollars: number): string {
  if (dollars > 0 && dollars < 0.005) return '<$0.01';
  return `$${dollars.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** A price as it is listed: `$0.125 a million RRU`, `$0.09 a GB`. */
export function listPrice({ dollars, per, unit }: Pick<Price, 'dollars' | 'per' | 'unit'>): string {
  const article = /^(hour|LCU)/.test(unit) ? 'an ' : 'a ';
  const quantity = per === 1 ? article : per === 1_000_000 ? 'a million ' : `for ${number(per)} `;
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: 10 };
  return `$${dollars.toLocaleString('en-US', digits)} ${quantity}${unit}`;
}
