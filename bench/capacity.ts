import type { ConsumedCapacity } from '../local/data/consumed-capacity.ts';
import type { UnitsPerChange } from './results.ts';

/** Adds up the capacity units that the database reports, by function. */
export class CapacityCount {
  readonly #units = new Map<string, { readUnits: number; writeUnits: number }>();

  /** Counts one request. */
  add({ functionName, readUnits, writeUnits }: ConsumedCapacity): void {
    let units = this.#units.get(functionName);
    if (units === undefined) this.#units.set(functionName, (units = { readUnits: 0, writeUnits: 0 }));
    units.readUnits += readUnits;
    units.writeUnits += writeUnits;
  }

  /** Forgets what was counted. */
  clear(): void {
    this.#units.clear();
  }

  /** Function → units for each of so many changes. */
  perChange(changes: number): Record<string, UnitsPerChange> {
    return Object.fromEntries(
      [...this.#units].map(([name, { readUnits, writeUnits }]) => [
        name,
        { readUnits: readUnits / changes, writeUnits: writeUnits / changes },
      ]),
    );
  }
}
