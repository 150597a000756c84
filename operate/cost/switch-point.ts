import { billOf } from './bill.ts';
import type { Host, Usage } from './hosts.ts';
import type { BilledStage } from './unit-lines.ts';

/** What one could have more or less of. */
export type Axis = 'changesPerHour' | 'streams';

/** Where the cheaper of two hosts becomes the dearer one. */
export interface SwitchPoint {
  readonly axis: Axis;
  /** From here on `above` is cheaper, and below it `below`. */
  readonly at: number;
  readonly below: Host;
  readonly above: Host;
}

/** Between what it is looked for: more changes than that one board shows nobody, more streams no account has at once. */
const ranges: Readonly<Record<Axis, readonly [least: number, most: number]>> = {
  changesPerHour: [1, 100_000],
  streams: [1, 100_000],
};

/** The search goes by doubling: hosts that differ within one such step alone are as good as equal. */
const step = 2;
/** How exactly the place is found. */
const precision = 1.005;

/**
 * Finds the first place at which two hosts change places, all else being as it is; undefined where one is cheaper
 * everywhere.
 */
export function switchPoint(
  [one, other]: readonly [Host, Host],
  stage: BilledStage,
  usage: Usage,
  axis: Axis,
): SwitchPoint | undefined {
  const [least, most] = ranges[axis];
  const isOneCheaper = (value: number): boolean => {
    const changed = { ...usage, [axis]: value };
    // There is somebody in each workspace.
    const at = { ...changed, workspaces: Math.min(usage.workspaces, changed.streams) };
    return billOf(one, stage, at).sum < billOf(other, stage, at).sum;
  };
  const below = isOneCheaper(least);
  let from = least;
  let to = least * step;
  while (isOneCheaper(to) === below) {
    if (to >= most) return undefined;
    from = to;
    to = Math.min(most, to * step);
  }
  while (to / from > precision) {
    const middle = Math.sqrt(from * to);
    if (isOneCheaper(middle) === below) from = middle;
    else to = middle;
  }
  return { axis, at: to, below: below ? one : other, above: below ? other : one };
}
