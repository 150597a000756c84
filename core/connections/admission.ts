import type { EndReason } from '../../protocol/end-reasons.ts';
import type { Random } from '../clock.ts';
import type { Connection } from './connection.ts';
import { shortId } from '../../protocol/cursor.ts';

/** How many streams may be open at a time. */
export interface ConnectionLimits {
  readonly perUser: number;
  readonly perWorkspace: number;
}

/** Which limit stands against a stream. */
export type LimitReason = Extract<EndReason, 'user_limit' | 'workspace_limit'>;

/**
 * What a new connection brings about: it stays, and asks some streams whether their clients are still there, or ends some
 * for good; or it is refused until there is room.
 */
export type Admission =
  | { readonly asked: readonly Connection[]; readonly ended: readonly Connection[] }
  | { readonly refused: LimitReason };

export interface AdmissionRequest {
  readonly newest: Connection;
  /** The user's connections that are known, the new one among them. */
  readonly ofUser: readonly Connection[];
  readonly isWorkspaceFull: boolean;
  /** Whether more streams may be asked; see `noQuestionsFor`. */
  readonly mayAsk: boolean;
  readonly perUser: number;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly random: Random;
}

/** A `handover` comes so long before the end, milliseconds: its client opens the next stream before this one is over. */
export const endingSoonMs = 5000;

/** How long the number of streams of a workspace may be remembered, milliseconds. */
export const knownMs = 2000;

/** How much later than a `handover` allows its client may be known, milliseconds: clocks differ. */
const clocksDifferMs = 1000;

/**
 * A stream that was planned to be shorter than this still counts while it hands over, or a client could open any number of
 * such streams. Milliseconds; the shortest session of a stage is 10 s, less its jitter.
 */
const shortestHandedOverMs = 7500;

/**
 * How long a stream counts that was asked to end and is still there, milliseconds. It should be gone after 5 s; after
 * this it has died with its process.
 */
const endedCountsMs = 20_000;

/** The most streams of a user that run at a time, those that were asked to end and have not yet among them. */
export function mostRunning(perUser: number): number {
  return perUser + Math.max(2, Math.ceil(perUser / 2));
}

/** Whether a connection counts at a time, epoch milliseconds: it runs, as far as is known. */
export function isRunning({ deadline, ended, endedAt = 0 }: Connection, now: number): boolean {
  return deadline > now && (ended === undefined || now - endedAt < endedCountsMs);
}

/** Whether a connection could be handing over at a time, epoch milliseconds. */
export function mayHandOver({ connectedAt, deadline, ended }: Connection, at: number): boolean {
  return (
    ended === undefined &&
    deadline - at <= endingSoonMs + clocksDifferMs &&
    deadline - connectedAt >= shortestHandedOverMs
  );
}

/** Whether a connection takes the place of one that hands over to it: it costs nobody anything. */
export function isSuccessor(newest: Connection, ofUser: readonly Connection[]): boolean {
  return ofUser.some((each) => successorOf(each, ofUser)?.id === newest.id);
}

/**
 * Decides on a new connection. The limit is a question before it is an end: over it, the stream that has shown no sign
 * of life for longest is asked whether its client is still there. Who comes back is; who does not was gone. Only when
 * all have come back since the newest client came, so that more than the limit are known to have been there together, the
 * client that came first is ended for good, be it the one that has just come back. A full workspace ends nobody.
 *
 * It holds for whatever part of the user's connections is seen. Each new connection asks or ends one stream for itself,
 * by its place among them, so that many at once do not choose the same, and at most one more.
 */
export function admit(request: AdmissionRequest): Admission {
  const { newest, isWorkspaceFull, mayAsk, perUser, now, random } = request;
  const known = request.ofUser
    .filter((each) => each.id === newest.id || isRunning(each, now))
    .toSorted(inOrderOf(({ connectedAt }) => connectedAt));
  const handingOver = new Set(known.filter((each) => successorOf(each, known) !== undefined));
  const running = known.filter((each) => !handingOver.has(each));
  const place = (among: readonly Connection[]): number => among.findIndex(({ id }) => id === newest.id);
  if (place(running) >= mostRunning(perUser)) return { refused: 'user_limit' };

  const open = running.filter(({ ended }) => ended === undefined);
  const tooMany = open.length - perUser;
  const own = place(open) - perUser;
  const shares = own < 0 ? [] : [own];
  // What others have left undone: they did not see all, or could not write.
  const left = Math.floor(random() * tooMany);
  if (own >= 0 && left !== own) shares.push(left);
  const isFull = isWorkspaceFull && !isSuccessor(newest, known);
  if (shares.length === 0 && !isFull) return { asked: [], ended: [] };

  const others = open.filter(({ id }) => id !== newest.id);
  const unsure = unsureOf(others, known);
  if (shares.length === 0) {
    const [oldest] = unsure;
    return oldest === undefined || !mayAsk ? { refused: 'workspace_limit' } : { asked: [oldest], ended: [] };
  }
  if (!mayAsk) return { refused: 'user_limit' };
  const chosen = (from: readonly Connection[]): readonly Connection[] =>
    shares.flatMap((share) => from[share] ?? []);
  if (unsure.length > 0) return { asked: chosen(unsure), ended: [] };
  return { asked: [], ended: chosen(open.toSorted(inOrderOf(bornIn(known)))) };
}

/** The streams whose clients may have left before the newest client came, the one with the oldest sign of life first. */
function unsureOf(others: readonly Connection[], known: readonly Connection[]): readonly Connection[] {
  const born = bornIn(known);
  const youngest = known.toSorted(inOrderOf(born)).at(-1)!;
  const followed = new Set(known.map(({ after }) => after));
  return others.filter(
    ({ connectedAt, id }) =>
      (id !== youngest.id && connectedAt <= born(youngest)) ||
      // A stream is no sign of life any more when its client has opened another one after it.
      followed.has(shortId(id)),
  );
}

/**
 * When the client of a connection first came. A mark counts for the first connection that gives it back. Whoever gives it
 * back again may be anybody, so for that one the time of its connection counts.
 */
function bornIn(known: readonly Connection[]): (connection: Connection) => number {
  const first = new Map<string, string>();
  for (const { after, id } of known) {
    if (after !== undefined && !first.has(after)) first.set(after, id);
  }
  return ({ id, connectedAt, born = connectedAt, after }) =>
    after !== undefined && first.get(after) === id ? Math.min(born, connectedAt) : connectedAt;
}

/** The stream to which a connection hands over: one only. */
function successorOf(connection: Connection, known: readonly Connection[]): Connection | undefined {
  const next = known.find(({ after }) => after === shortId(connection.id));
  return next !== undefined && mayHandOver(connection, next.connectedAt) ? next : undefined;
}

/** In the order of a time, and of the ids at the same time: whoever looks finds the same order. */
function inOrderOf(time: (connection: Connection) => number): (a: Connection, b: Connection) => number {
  return (a, b) => time(a) - time(b) || (a.id < b.id ? -1 : 1);
}
