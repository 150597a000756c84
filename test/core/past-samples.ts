import fc from 'fast-check';
import { appendBatch } from '../../core/log/append.ts';
import type { Change } from '../../core/log/change.ts';
import { eventsFor } from '../../core/subscription/events.ts';
import { wantsType } from '../../core/subscription/filter.ts';
import type { Subscription } from '../../core/subscription/subscription.ts';
import { canSee } from '../../core/subscription/visibility.ts';
import type { TaskEvent } from '../../protocol/events.ts';
import type { Task } from '../../protocol/task.ts';
import { MemoryLog, sampleLog } from './memory-log.ts';
import { MemoryTasks } from './memory-tasks.ts';
import type { Writes } from './table-writes.ts';
import { anyWrites, write } from './table-writes.ts';
import { anyPrincipal, anyTaskFilter } from './task-samples.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What was logged at a time. */
export interface Logged {
  readonly at: number;
  readonly changes: readonly Change[];
}

/** A log of some writes, and the table as they leave it. */
export interface PastSample {
  readonly clock: VirtualClock;
  /** When the first batch was begun, epoch milliseconds. */
  readonly begin: number;
  readonly log: MemoryLog;
  readonly table: Map<number, Task>;
  readonly tasks: MemoryTasks;
  readonly logged: readonly Logged[];
}

/**
 * Logs some writes, a batch a second.
 * @param units what a segment, and a task, costs to read.
 */
export async function logOf(batches: readonly Writes[], units: number): Promise<PastSample> {
  const clock = new VirtualClock();
  const begin = clock.now();
  const log = new MemoryLog();
  log.unitsPerSegment = units;
  const table = new Map<number, Task>();
  const tasks = new MemoryTasks(table);
  tasks.unitsPerTask = units;
  const logged: Logged[] = [];
  let source = 1;
  for (const batch of batches) {
    await clock.sleep(1000);
    const changes = write(table, batch, source);
    source += batch.length;
    const at = clock.now();
    logged.push({ at, changes });
    const options = { now: () => at, newLog: () => sampleLog, historySeconds: 86_400 };
    await appendBatch(log, { workspace: 'acme', stream: 's', changes }, options);
  }
  return { clock, begin, log, table, tasks, logged };
}

/** The events that a subscriber would have had live since a time. */
export function liveEvents(
  logged: readonly Logged[],
  since: number,
  subscription: Subscription,
): readonly TaskEvent[] {
  const changes = logged.filter(({ at }) => at >= since).flatMap((each) => each.changes);
  return changes.flatMap((change) =>
    change.kind === 'task'
      ? eventsFor(change, subscription).filter(({ type }) => wantsType(subscription.filter, type))
      : [],
  );
}

/** Whether the rule lets an event be told afterwards: unless it carries a task that the subscriber does not see now. */
export function mayBeTold(
  { type, taskId }: TaskEvent,
  { principal }: Subscription,
  table: ReadonlyMap<number, Task>,
): boolean {
  const now = table.get(taskId);
  return type === 'task.deleted' || (now !== undefined && canSee(principal, now));
}

/** What some seconds bring. */
export const anyBatches = fc.array(anyWrites, { maxLength: 8 });
export const anySubscription = fc.record({ principal: anyPrincipal, filter: anyTaskFilter });
