import type { TaskChange } from '../../core/log/change.ts';
import type { Segment } from '../../core/log/segment.ts';
import type { Subscriber } from '../../core/push/socket.ts';
import type { Place } from '../../protocol/web-socket.ts';
import type { Task } from '../../protocol/task.ts';
import type { NewSegments } from '../../lambdas/push/new-segments.ts';
import { sampleLog } from '../core/memory-log.ts';
import { sampleTask } from '../core/task-samples.ts';

/** A subscriber of workspace `acme`, whose socket has the name of its user unless that is given. */
export function subscriber(user: string, fields: Partial<Subscriber> = {}): Subscriber {
  return {
    socket: user,
    id: `id of ${user}`,
    principal: { workspace: 'acme', user, admin: false },
    connectedAt: 0,
    expiresAt: Number.MAX_SAFE_INTEGER,
    subscription: { name: '1', filter: {} },
    ...fields,
  };
}

/** The creation of a task. */
export function created(task: number, fields: Partial<Task> = {}): TaskChange {
  const after = sampleTask({ id: task, ...fields });
  return { kind: 'task', source: String(task), at: Date.UTC(2026, 0, 1), task, after };
}

/** A segment of the log. */
export function segment(number: number, ...changes: readonly TaskChange[]): Segment {
  return { log: sampleLog.log, segment: number, stream: 's', at: 0, expires: 2 ** 40, changes };
}

/** What an order is about. */
export function newSegments(fresh: readonly Segment[], earlier: readonly Segment[] = []): NewSegments {
  return { identity: sampleLog, earlier, fresh };
}

/** The task that a message tells of, and its places. */
export function readMessage(text: string): {
  readonly task: number;
  readonly place: Place;
  readonly after: Place;
} {
  const { data, place, after } = JSON.parse(text) as {
    data: { taskId: number };
    place: Place;
    after: Place;
  };
  return { task: data.taskId, place, after };
}
