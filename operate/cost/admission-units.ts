import { knownMs } from '../../core/connections/admission.ts';
import type { FunctionName } from '../../lib/functions/function-names.ts';
import { measured } from './measured.ts';
import type { UnitLine } from './unit-lines.ts';
import { readUnits, units } from './unit-lines.ts';

/**
 * What it takes to let connections in. How full a workspace is, one counts for all that come within `knownMs`: it reads
 * the items of all of them.
 * @param openSeconds how long one is open, on average.
 */
export function admissions(
  by: FunctionName,
  connects: number,
  openSeconds: number,
  perWorkspace: number,
): UnitLine[] {
  const othersASecond = (perWorkspace - 1) / openSeconds;
  const counts = connects / (1 + (othersASecond * knownMs) / 1000);
  const countReads = readUnits(perWorkspace * measured.itemBytes.connection) / 2;
  return [
    ...units('connections', by, connects, measured.units.admission),
    ...units('connections', by, counts, { ...measured.units.count, connectionReads: countReads }),
  ];
}
