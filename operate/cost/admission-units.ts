import { knownMs } from '../../core/connections/admission.ts';
import type { FunctionName } from '../../lib/functions/function-names.ts';
import { measured } from './measured.ts';
import type { UnitLine } from './unit-lines.ts';
import { readUnits, units } from './unit-lines.ts';

/** Connections that are opened, all of them together. */
export interface Admissions {
  readonly connects: number;
  /** How many of them are counted whether there is room. */
  readonly counting: number;
  /** How many are open at a time in each workspace, and how long one of them is, on average. */
  readonly perWorkspace: number;
  readonly openSeconds: number;
}

/**
 * What it takes to let connections in. How full a workspace is, one counts for all that come within `knownMs`: it reads
 * the items of all of them.
 */
export function admissions(
  by: FunctionName,
  { connects, counting, perWorkspace, openSeconds }: Admissions,
): UnitLine[] {
  const othersASecond = (perWorkspace - 1) / openSeconds;
  const counts = counting / (1 + (othersASecond * knownMs) / 1000);
  const countReads = readUnits(perWorkspace * measured.itemBytes.connection) / 2;
  return [
    ...units('connections', by, connects, measured.units.admission),
    ...units('connections', by, counts, { ...measured.units.count, connectionReads: countReads }),
  ];
}
