import type { AwarenessEvent, Viewer } from '../../protocol/awareness.ts';
import type { Principal } from '../subscription/principal.ts';
import { canSee } from '../subscription/visibility.ts';
import type { AwarenessEntry, TypingEntry } from './entries.ts';
import type { SeenTask } from './seen-task.ts';
import type { Presence } from './presence.ts';

/** The tasks of somebody's presence that a principal may see. */
export function seenBy(principal: Principal, tasks: readonly SeenTask[]): ReadonlySet<number> {
  return new Set(tasks.filter(({ facts }) => canSee(principal, facts)).map(({ id }) => id));
}

/**
 * A user as others hear of it.
 * @param seen the tasks that they may see.
 */
export function viewerOf(
  userId: string,
  { state, tasks, since }: Presence,
  seen: ReadonlySet<number>,
): Viewer {
  return {
    userId,
    state,
    tasks: tasks.filter((id) => seen.has(id)),
    since: new Date(since).toISOString(),
  };
}

/** What there is to tell of a user, where a viewer takes the place of another; undefined for one who is not there. */
export function presenceEvent(
  userId: string,
  before: Viewer | undefined,
  after: Viewer | undefined,
  now: number,
): AwarenessEvent[] {
  const timestamp = new Date(now).toISOString();
  if (after === undefined) return before === undefined ? [] : [{ type: 'presence.left', userId, timestamp }];
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ type: before === undefined ? 'presence.joined' : 'presence.updated', ...after, timestamp }];
}

/** That a user types. */
export function typingStarted({ user, task, until, at }: TypingEntry): AwarenessEvent {
  const expiresAt = new Date(until).toISOString();
  return {
    type: 'typing.started',
    taskId: task.id,
    userId: user,
    expiresAt,
    timestamp: new Date(at).toISOString(),
  };
}

/** That a user has stopped. */
export function typingStopped({ user, task }: TypingEntry, now: number): AwarenessEvent {
  return { type: 'typing.stopped', taskId: task.id, userId: user, timestamp: new Date(now).toISOString() };
}

/**
 * What an entry tells a principal of which nobody knows what it was told before.
 * @param now epoch milliseconds.
 */
export function eventsOfEntry(
  entry: AwarenessEntry,
  principal: Principal,
  now: number,
): readonly AwarenessEvent[] {
  if (entry.kind === 'presence') {
    const { user, revision, before, after, tasks, told = tasks } = entry;
    const viewer = (presence: Presence | undefined, seen: readonly SeenTask[]): Viewer | undefined =>
      presence && viewerOf(user, presence, seenBy(principal, seen));
    const shown = viewer(after, tasks);
    // It heard of a task that is private by now when that was said, or has asked since then and did not.
    const known = [viewer(before, told), viewer(before, tasks)];
    return (
      known.map((each) => presenceEvent(user, each, shown, revision)).find(({ length }) => length > 0) ?? []
    );
  }
  const { user, task, until, at } = entry;
  if (user === principal.user || !canSee(principal, task.facts)) return [];
  if (until <= at) return [typingStopped(entry, at)];
  // Again with each time that it is said: whoever hears it knows by it that it goes on.
  return until <= now ? [] : [typingStarted(entry)];
}
