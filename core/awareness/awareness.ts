import type { AwarenessEvent, Viewer } from '../../protocol/awareness.ts';
import type { Principal } from '../subscription/principal.ts';
import { canSee } from '../subscription/visibility.ts';
import type { AwarenessEntry, PresenceEntry, TypingEntry } from './entries.ts';
import type { SeenTask } from './seen-task.ts';
import type { PresenceRecord } from './presence.ts';
import { firstEnd, presenceOf, withoutExpired } from './presence.ts';
import { presenceEvent, seenBy, typingStarted, typingStopped, viewerOf } from './viewer.ts';

/** How much JSON one snapshot frame has at the most, but for a viewer that has more. A WebSocket takes 128 KB. */
const snapshotCharacters = 32 * 1024;

/** Who is there by the table, and who may see the tasks that they have open. */
export interface PresenceFound {
  readonly records: readonly PresenceRecord[];
  readonly tasks: readonly SeenTask[];
  /** When the reading of it began, epoch milliseconds. */
  readonly at: number;
}

/** How long a write may take that a read which is not consistent does not see yet, and by how much two clocks differ, milliseconds. */
export const laggingMs = 2000;

/**
 * When all leases that are over by what was found are over indeed, epoch milliseconds: a page may have renewed one that ended
 * later, and the read did not see it. Nobody would say so, since others hear of a renewal only where it changes something.
 */
export function surelyOver({ at }: PresenceFound): number {
  return at - laggingMs;
}

/**
 * The viewers that a principal hears of, by name.
 * @param countingAt whose leases run at that time counts, epoch milliseconds.
 */
export function viewersFor(
  principal: Principal,
  { records, tasks }: PresenceFound,
  countingAt: number,
): readonly Viewer[] {
  const seen = seenBy(principal, tasks);
  return records
    .flatMap((record) => {
      const presence = presenceOf(withoutExpired(record, countingAt));
      return presence ? [viewerOf(record.user, presence, seen)] : [];
    })
    .toSorted((a, b) => (a.userId < b.userId ? -1 : 1));
}

/** All viewers, as events. */
export function snapshotOf(viewers: readonly Viewer[], now: number): AwarenessEvent[] {
  const timestamp = new Date(now).toISOString();
  const frames: Viewer[][] = [[]];
  let characters = 0;
  for (const viewer of viewers) {
    const more = JSON.stringify(viewer).length;
    if (characters > 0 && characters + more > snapshotCharacters) {
      frames.push([]);
      characters = 0;
    }
    frames.at(-1)!.push(viewer);
    characters += more;
  }
  return frames.map((some, index) => ({
    type: 'presence.snapshot',
    viewers: some,
    last: index === frames.length - 1,
    timestamp,
  }));
}

/** What one subscriber was told of other users, and what there is to tell it. */
export class Awareness {
  readonly #principal: Principal;
  /** What it was told of each user who is there. */
  readonly #told = new Map<string, Viewer>();
  /** The newest that is known of each user, of those who have gone too. */
  readonly #revisions = new Map<string, number>();
  readonly #typing = new Map<string, TypingEntry>();
  #hasBegun = false;
  #firstEnd = Infinity;

  constructor(principal: Principal) {
    this.#principal = principal;
  }

  /** When somebody's page stops to count unless it has said so again since that was heard of, epoch milliseconds. */
  get firstEnd(): number {
    return this.#firstEnd;
  }

  /** When somebody stops to type who does not go on, epoch milliseconds; Infinity where nobody does. */
  get nextTypingEnd(): number {
    return Math.min(Infinity, ...[...this.#typing.values()].map(({ until }) => until));
  }

  /**
   * Looks at who is there, by the table: the first time all of them are told, and who types, and then what is other than it was
   * told. So whoever has gone without a word is told to have left, and so is whatever was lost on its way.
   * @param now epoch milliseconds.
   */
  look(found: PresenceFound, now: number): readonly AwarenessEvent[] {
    const known = this.#firstEnd;
    const countingAt = surelyOver(found);
    this.#firstEnd = Math.min(
      Infinity,
      ...found.records.map((record) => firstEnd(withoutExpired(record, countingAt))),
    );
    const viewers = new Map(
      viewersFor(this.#principal, found, countingAt).map((viewer) => [viewer.userId, viewer]),
    );
    const revisions = new Map(found.records.map(({ user, revision }) => [user, revision]));
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    const events: AwarenessEvent[] = [];
    for (const user of new Set([...this.#told.keys(), ...revisions.keys()])) {
      const revision = revisions.get(user) ?? countingAt;
      // What is known is newer than what the table has shown.
      if ((this.#revisions.get(user) ?? 0) > revision) {
        this.#firstEnd = Math.min(this.#firstEnd, known);
        continue;
      }
      this.#revisions.set(user, revision);
      events.push(...this.#tell(user, viewers.get(user), now));
    }
    if (!isFirst) return events;
    return [...snapshotOf([...this.#told.values()], now), ...[...this.#typing.values()].map(typingStarted)];
  }

  /** Takes an entry. Before it was first looked who is there, nothing is told of it: all begins with a snapshot. */
  take(entry: AwarenessEntry, now: number): readonly AwarenessEvent[] {
    const events = entry.kind === 'presence' ? this.#takePresence(entry) : this.#takeTyping(entry, now);
    return this.#hasBegun ? events : [];
  }

  #takePresence(entry: PresenceEntry): readonly AwarenessEvent[] {
    const { user, revision, after, until, tasks, at } = entry;
    if ((this.#revisions.get(user) ?? 0) >= revision) return [];
    this.#revisions.set(user, revision);
    this.#firstEnd = Math.min(this.#firstEnd, until ?? Infinity);
    return this.#tell(user, after && viewerOf(user, after, seenBy(this.#principal, tasks)), at);
  }

  #takeTyping(entry: TypingEntry, now: number): readonly AwarenessEvent[] {
    const { user, task, until, at } = entry;
    if (user === this.#principal.user) return [];
    const key = `${task.id}/${user}`;
    const before = this.#typing.get(key);
    if (before && before.at > at) return [];
    if (until <= Math.max(now, at) || !canSee(this.#principal, task.facts)) {
      this.#typing.delete(key);
      return before ? [typingStopped(before, now)] : [];
    }
    this.#typing.set(key, entry);
    // Said again it goes on, and only its end moves.
    return before ? [] : [typingStarted(entry)];
  }

  /** Ends what has ended by itself. */
  endTyping(now: number): readonly AwarenessEvent[] {
    const over = [...this.#typing].filter(([, { until }]) => until <= now);
    for (const [key] of over) this.#typing.delete(key);
    return this.#hasBegun ? over.map(([, entry]) => typingStopped(entry, now)) : [];
  }

  /** What there is to tell of a user, if it is other than what was told. */
  #tell(user: string, viewer: Viewer | undefined, now: number): readonly AwarenessEvent[] {
    const before = this.#told.get(user);
    if (viewer === undefined) this.#told.delete(user);
    else this.#told.set(user, viewer);
    return presenceEvent(user, before, viewer, now);
  }
}
