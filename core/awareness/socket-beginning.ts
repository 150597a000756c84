import type { AwarenessEvent, Viewer } from '../../protocol/awareness.ts';
import type { Principal } from '../subscription/principal.ts';
import type { PresenceFound } from './awareness.ts';
import { snapshotOf, surelyOver, viewersFor } from './awareness.ts';
import type { AwarenessEntry, PresenceEntry } from './entries.ts';
import { eventsOfEntry, seenBy, viewerOf } from './viewer.ts';

/**
 * Who is there and who types, for a client of a WebSocket to which is pushed already what is said from now on. Either may
 * arrive first, and a word has the time at which it was begun: one that was not written yet when the table was read may be
 * older than that. So the snapshot has the time from which on all words are known, and a word since then counts after it.
 * @param said all that was said since `from`, but for what will be pushed.
 * @param from epoch milliseconds.
 * @param now epoch milliseconds.
 */
export function socketBeginning(
  principal: Principal,
  found: PresenceFound,
  said: readonly AwarenessEntry[],
  from: number,
  now: number,
): readonly AwarenessEvent[] {
  const viewers = viewersFor(principal, found, surelyOver(found));
  const shown = new Map(viewers.map((viewer) => [viewer.userId, viewer]));
  const revisions = new Map(found.records.map(({ user, revision }) => [user, revision]));
  const views = said.filter((entry) => entry.kind === 'presence');
  const words = [...Map.groupBy(views, ({ user }) => user)].flatMap(([user, ofUser]) =>
    lastWord(principal, ofUser, revisions.get(user), shown.get(user)),
  );
  const typing = said.filter((entry) => entry.kind === 'typing');
  const typists = Map.groupBy(typing, ({ user, task }) => JSON.stringify([user, task.id]));
  return [
    ...snapshotOf(viewers, from),
    ...words,
    ...[...typists.values()].flatMap((ofTypist) => eventsOfEntry(ofTypist.at(-1)!, principal, now)),
  ];
}

/**
 * What was said last of a user, where the snapshot does not have it, or where something that was said before may still come.
 * @param shownRevision that of the snapshot; undefined for one who is not in it.
 */
function lastWord(
  principal: Principal,
  ofUser: readonly PresenceEntry[],
  shownRevision: number | undefined,
  shown: Viewer | undefined,
): readonly AwarenessEvent[] {
  const last = ofUser.reduce((one, other) => (other.revision > one.revision ? other : one));
  const { user, revision, after, tasks } = last;
  const isShown = shownRevision === undefined ? after === undefined : shownRevision >= revision;
  if (isShown && ofUser.length === 1) return [];
  const viewer = isShown ? shown : after && viewerOf(user, after, seenBy(principal, tasks));
  const timestamp = new Date(revision).toISOString();
  if (viewer === undefined) return [{ type: 'presence.left', userId: user, timestamp }];
  return [{ type: shown ? 'presence.updated' : 'presence.joined', ...viewer, timestamp }];
}
