import type { ViewerState } from '../../protocol/awareness.ts';
import type { SeenTask } from './seen-task.ts';

/** One page of a user, as it last said. */
export interface View {
  readonly state: ViewerState;
  /** The task that is open on it. */
  readonly task?: number | undefined;
  /** Until when it counts unless it says so again, epoch milliseconds. */
  readonly until: number;
  /** When it said so, epoch milliseconds. */
  readonly at: number;
}

/**
 * All pages of one user, as the table keeps them. Whatever they tell others was told. It outlives the last of them by a while,
 * so that who comes back at once is told of with a later revision.
 */
export interface PresenceRecord {
  readonly user: string;
  /** When what others hear has changed last, epoch milliseconds; grows with each change. */
  readonly revision: number;
  /** How often the record was written. */
  readonly version: number;
  /** Since when the user is there without a break, epoch milliseconds. */
  readonly since: number;
  readonly views: Readonly<Record<string, View>>;
  /** The tasks that it is at, with who could see them when others were told last. */
  readonly told?: readonly SeenTask[] | undefined;
  /** Which pages have left lately, and when, epoch milliseconds. */
  readonly left?: Readonly<Record<string, number>> | undefined;
  /** How much of what a user may say was used lately, and when that was reckoned, epoch milliseconds. */
  readonly said: { readonly times: number; readonly at: number };
}

/** What others hear of a user. */
export interface Presence {
  readonly state: ViewerState;
  /** The tasks of the active pages, ascending. */
  readonly tasks: readonly number[];
  readonly since: number;
}

/** The most pages that are kept of a user: those that have said something last. */
const mostViews = 20;

/** How long what a page said as it was hidden may come after that it has left, milliseconds: it says both as it closes. */
const overtakenMs = 5000;

/** What a user may say at once, and how much of that comes back in a second. */
const sayings = { atOnce: 40, aSecond: 2 } as const;

/** What others were told of a user; undefined where no page is there. */
export function presenceOf(record: PresenceRecord | undefined): Presence | undefined {
  const views = Object.values(record?.views ?? {});
  if (record === undefined || views.length === 0) return undefined;
  const active = views.filter(({ state }) => state === 'active');
  const tasks = new Set(active.flatMap(({ task }) => (task === undefined ? [] : [task])));
  return {
    state: active.length > 0 ? 'active' : 'hidden',
    tasks: [...tasks].toSorted((a, b) => a - b),
    since: record.since,
  };
}

/** The record with those pages alone that count at a time, epoch milliseconds. */
export function withoutExpired(record: PresenceRecord, now: number): PresenceRecord {
  const views = Object.entries(record.views).filter(([, { until }]) => until > now);
  return { ...record, views: Object.fromEntries(views) };
}

/** When the first page of a user stops to count, epoch milliseconds; Infinity where there is none. */
export function firstEnd({ views }: PresenceRecord): number {
  return Math.min(Infinity, ...Object.values(views).map(({ until }) => until));
}

/**
 * The record after one page has said how it is; those that have expired are gone from it.
 * @param view undefined for a page that has gone.
 * @param now epoch milliseconds.
 * @param seen the task that is open on it, with who may see it now: others are told again where that has changed.
 * @returns undefined for a user who says too much; who goes is never kept from saying so.
 */
export function withView(
  record: PresenceRecord | undefined,
  user: string,
  viewId: string,
  view: View | undefined,
  now: number,
  seen?: SeenTask,
): PresenceRecord | undefined {
  const said = view === undefined ? record?.said : sayAgain(record?.said, now);
  if (said === undefined && view !== undefined) return undefined;
  const left = new Map(Object.entries(record?.left ?? {}).filter(([, at]) => at > now - overtakenMs));
  const isOvertaken = view?.state === 'hidden' && left.has(viewId);
  const current = isOvertaken ? undefined : view;
  if (current !== undefined) left.delete(viewId);
  else if (!isOvertaken) left.set(viewId, now);
  const living = record && withoutExpired(record, now);
  const others = Object.entries(living?.views ?? {}).filter(([id]) => id !== viewId);
  const latest = others.toSorted(([, a], [, b]) => b.at - a.at).slice(0, mostViews - 1);
  const next: PresenceRecord = {
    user,
    revision: record?.revision ?? 0,
    version: record?.version ?? 0,
    since: presenceOf(living)?.since ?? now,
    views: Object.fromEntries(current === undefined ? latest : [...latest, [viewId, current]]),
    ...(left.size > 0 && { left: Object.fromEntries([...left].slice(-mostViews)) }),
    ...(record?.told && { told: record.told }),
    said: said ?? { times: 0, at: now },
  };
  const isToldAgain = tells(record, next) || isSeenByOthers(record?.told, seen);
  return isToldAgain ? { ...next, revision: Math.max(now, next.revision + 1) } : next;
}

/** Whether a task may be seen by others than those who were told of it. */
function isSeenByOthers(told: readonly SeenTask[] = [], seen: SeenTask | undefined): boolean {
  const before = told.find(({ id }) => id === seen?.id);
  return before !== undefined && seen !== undefined && textOf(before) !== textOf(seen);
}

/** Who may see a task, as a text: the table gives its fields in an order of its own. */
function textOf({ facts: { visibility, created_by: creator, assignees } }: SeenTask): string {
  return JSON.stringify([visibility, creator, assignees]);
}

/** Whether others have to be told of a record that takes the place of another. */
export function tells(before: PresenceRecord | undefined, after: PresenceRecord): boolean {
  return JSON.stringify(presenceOf(before)) !== JSON.stringify(presenceOf(after));
}

function sayAgain(
  before: PresenceRecord['said'] | undefined,
  now: number,
): PresenceRecord['said'] | undefined {
  const { times, at } = before ?? { times: 0, at: now };
  const used = Math.max(0, times - (Math.max(0, now - at) / 1000) * sayings.aSecond);
  return used + 1 > sayings.atOnce ? undefined : { times: used + 1, at: now };
}
