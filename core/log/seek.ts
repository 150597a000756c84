import type { ReadStore } from './read-store.ts';
import type { Head, Segment } from './segment.ts';
import { isKept } from './segment.ts';

/** Where a log was at a time. */
export interface Sought {
  /** The first segment that was appended at that time or later; the next one to come where none was. */
  readonly segment: number;
  /** Whether everything that was logged since then is still there. */
  readonly isComplete: boolean;
  /** What it cost to find, read units. */
  readonly units: number;
}

/** What a probe finds: the segment is there and of that time or later, there and older, or not there any more. */
type Probe = 'since' | 'before' | 'gone';

/**
 * Finds the place of a log at a time. The times of segments never run backwards, and those that are gone are older than
 * those that are there; so it looks near the end first, where most readers want to go, then halves what is left.
 * @param head read just now, consistently.
 * @param since epoch milliseconds, as `now`.
 * @throws what the store throws.
 */
export async function seek(
  store: Pick<ReadStore, 'readSegments'>,
  workspace: string,
  head: Head,
  since: number,
  now: number,
): Promise<Sought> {
  if (since > head.at || head.last === 0) return { segment: head.last + 1, isComplete: true, units: 0 };
  let units = 0;
  let depthMs = 0;
  const probe = async (number: number): Promise<Probe> => {
    const page = await store.readSegments(workspace, number, { most: 1, consistent: false });
    units += page.units;
    const [found] = page.segments;
    if (found === undefined || !isThere(found, number, head)) return 'gone';
    if (found.at < since) return 'before';
    if (!isKept(found, now)) return 'gone';
    depthMs = found.expires * 1000 - found.at;
    return 'since';
  };

  let after = head.last + 1;
  let before = 0;
  let foundBefore: Probe = 'before';
  for (let step = 1, isNear = true; before + 1 < after; step *= 2) {
    const number = isNear ? Math.max(before + 1, head.last + 1 - step) : Math.floor((before + after) / 2);
    const found = await probe(number);
    if (found === 'since') {
      after = number;
    } else {
      before = number;
      foundBefore = found;
      isNear = false;
    }
  }
  // What is gone had its time, all of it: whatever is younger than that is still there.
  const isComplete = foundBefore === 'before' || (depthMs > 0 && since >= now - depthMs);
  return { segment: after, isComplete, units };
}

/** A query from a number on finds the next segment where that one is gone. */
function isThere({ segment, log }: Segment, number: number, head: Head): boolean {
  return segment === number && log === head.log;
}
