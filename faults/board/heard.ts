import type { Task } from '../../protocol/task.ts';
import type { Frame } from './frame-order.ts';

/** What a client has heard of a task, in order: an event, or the state when it had to load everything again. */
export type Heard =
  | {
      readonly kind: 'event';
      readonly id: string;
      readonly type: string;
      readonly taskId: number;
      readonly task: Task | undefined;
      readonly from: unknown;
      readonly to: unknown;
      readonly at: number;
    }
  | { readonly kind: 'reload'; readonly reason: string; readonly tasks: ReadonlyMap<number, Task> };

/** A task event of a stream. */
export function readEvent({ id, data, at }: Frame): Extract<Heard, { kind: 'event' }> {
  const { type = '', taskId, task, previousStatus: from, newStatus: to } = data;
  return {
    kind: 'event',
    id: id ?? '',
    type,
    taskId: taskId as number,
    task: task as Task | undefined,
    from,
    to,
    at,
  };
}
