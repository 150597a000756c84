import type { Task, TaskStatus } from './task.ts';

/** The types of the events about tasks. */
export const taskEventTypes = [
  'task.created',
  'task.updated',
  'task.deleted',
  'task.status_changed',
] as const;

export type TaskEventType = (typeof taskEventTypes)[number];

interface EventOf<Type extends TaskEventType> {
  readonly type: Type;
  readonly taskId: number;
  /** When it happened, ISO 8601 UTC. */
  readonly timestamp: string;
}

/** What the request was called that wrote a task; not there where no request has. Clients may ignore it. */
interface Correlated {
  readonly correlationId?: string;
}

export type TaskCreated = EventOf<'task.created'> & Correlated & { readonly task: Task };
export type TaskUpdated = EventOf<'task.updated'> & Correlated & { readonly task: Task };
export type TaskDeleted = EventOf<'task.deleted'>;
export type TaskStatusChanged = EventOf<'task.status_changed'> &
  Correlated & {
    readonly task: Task;
    readonly previousStatus: TaskStatus;
    readonly newStatus: TaskStatus;
  };

/** What a client hears about tasks; the JSON is the contract's. */
export type TaskEvent = TaskCreated | TaskUpdated | TaskDeleted | TaskStatusChanged;
