import { correlationIdPattern } from '../../protocol/patterns.ts';
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
  /** What the request was called that wrote `after`; undefined where a script has, and in segments of older versions. */
  readonly correlation?: string;
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
    ...correlationOf(write, after?.version),
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
 * When a change happened, epoch milliseconds. DynamoDB tells whole seconds, so the time that the task itself says is the
 * better one where it is later; a script may have written anything there.
 */
export function writtenAt({ at, before, after }: TaskChange): number {
  const text = (after ?? before)?.updated_at ?? '';
  const own = isoTime.test(text) ? Date.parse(text) : Number.NaN;
  return own > at ? own : at;
}

/** The attribute of a task's item that names the request which wrote it. It is no field of the task. */
export const correlationAttribute = 'correlation';

/** What the attribute holds. With the version, so that two writes of requests with one name differ. */
export function correlationMark(version: number, correlationId: string): string {
  return `${version} ${correlationId}`;
}

/** What the request was called that a write is of. Whoever writes past the API leaves the mark as it was. */
function correlationOf(
  { before, after }: TaskWrite,
  version: number | undefined,
): Pick<TaskChange, 'correlation'> {
  const [was, is] = [before, after].map((image) =>
    typeof image === 'object' ? image[correlationAttribute] : undefined,
  );
  if (typeof is !== 'string' || is === was) return {};
  const prefix = correlationMark(version ?? 0, '');
  const correlation = is.slice(prefix.length);
  return is.startsWith(prefix) && correlationIdPattern.test(correlation) ? { correlation } : {};
}
