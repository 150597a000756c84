import type { Task } from '../../protocol/task.ts';
import { largestTaskBytes, wireBytes } from '../task/size.ts';
import { readTask } from '../task/task.ts';
import type { FilteredFacts } from '../subscription/filter.ts';
import type { VisibilityFacts } from '../subscription/visibility.ts';

/**
 * What the log keeps of the image before a change: what visibility, filters and status events need, and, where there is
 * no other image, its time. Segments of format 1 do not say whether the task was assigned to an agent.
 */
export type FactsBefore = VisibilityFacts & FilteredFacts & Partial<Pick<Task, 'updated_at'>>;

interface ChangeOrigin {
  /** Sequence number of the stream record: with the stream's label, the identity of the change. */
  readonly source: string;
  /** When DynamoDB recorded the write, epoch milliseconds. */
  readonly at: number;
}

/** A task was written: at least one of `before` and `after` is there. */
export interface TaskChange extends ChangeOrigin {
  readonly kind: 'task';
  readonly task: number;
  readonly before?: FactsBefore;
  readonly after?: Task;
}

/** Something changed that events cannot tell: readers make their client load the state again. */
export interface ResyncChange extends ChangeOrigin {
  readonly kind: 'resync';
  /** Sequence numbers of further records that it stands for: they count as logged. */
  readonly covers?: readonly string[];
}

/** One entry of a workspace's log. */
export type Change = TaskChange | ResyncChange;

/** A write to a task item, as plain values. An image that could not even be turned into plain values is `unreadable`. */
export interface TaskWrite extends ChangeOrigin {
  readonly before?: Readonly<Record<string, unknown>> | 'unreadable' | undefined;
  readonly after?: Readonly<Record<string, unknown>> | 'unreadable' | undefined;
}

/**
 * A change with more JSON than this becomes a resync: it would not fit a log item next to others. Bytes. What of it goes
 * over the wire is bounded by `largestTaskBytes`; the rest are the facts before.
 */
export const largestChangeBytes = 256 * 1024;

/**
 * Turns a write into its change, or into nothing when no field that clients see has changed.
 * Never throws: what cannot be read, or is too large, becomes a `resync` in its place.
 */
export function deriveChange(write: TaskWrite): Change | undefined {
  const { source, at } = write;
  const before = readImage(write.before);
  const after = readImage(write.after);
  // Nobody saw it, and nobody does.
  if (before === 'unreadable' && after === 'unreadable') return undefined;
  if (before === 'unreadable' || after === 'unreadable') return { kind: 'resync', source, at };

  const task = after ?? before;
  if (!task || JSON.stringify(before) === JSON.stringify(after)) return undefined;
  if (after && wireBytes(after) > largestTaskBytes) return { kind: 'resync', source, at };

  const change: TaskChange = {
    kind: 'task',
    source,
    at,
    task: task.id,
    ...(before && { before: { ...factsOf(before), ...(!after && { updated_at: before.updated_at }) } }),
    ...(after && { after }),
  };
  return Buffer.byteLength(JSON.stringify(change)) > largestChangeBytes
    ? { kind: 'resync', source, at }
    : change;
}

function readImage(image: TaskWrite['before']): Task | 'unreadable' | undefined {
  if (image === undefined || image === 'unreadable') return image;
  return readTask(image) ?? 'unreadable';
}

function factsOf({ status, assigned_to_agent, visibility, created_by, assignees }: Task): FactsBefore {
  return { status, assigned_to_agent, visibility, created_by, assignees };
}

/** Of other texts than these nobody could say what time they mean. */
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/**
 * When a change happened, epoch milliseconds. DynamoDB tells whole seconds, so the time that the task itself says is the better one where it is
 * later; a script may have written anything there.
 */
export function writtenAt({ at, before, after }: TaskChange): number {
  const text = (after ?? before)?.updated_at ?? '';
  const own = isoTime.test(text) ? Date.parse(text) : Number.NaN;
  return own > at ? own : at;
}
