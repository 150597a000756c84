/** The columns of the board, in their order. */
export const taskStatuses = ['inbox', 'up_next', 'in_progress', 'in_review', 'done', 'archived'] as const;
export type TaskStatus = (typeof taskStatuses)[number];

/** `workspace`: every member sees the task; `private`: its creator, its assignees and admins. */
export const visibilities = ['workspace', 'private'] as const;
export type Visibility = (typeof visibilities)[number];

/** A task as clients see it; the field order is the order in its JSON. Times are ISO 8601 UTC. */
export interface Task {
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  readonly status: TaskStatus;
  readonly priority: number;
  readonly blocked: boolean;
  readonly assigned_to_agent: boolean;
  /**
   * Whether the task is put away; always with the status `archived`. With another one that is where it was, and goes
   * back.
   */
  readonly archived: boolean;
  readonly created_by: string | null;
  readonly assignees: readonly string[];
  readonly visibility: Visibility;
  readonly created_at: string | null;
  readonly updated_at: string | null;
  /** The user who wrote it last over the API; a script may have written it since. */
  readonly updated_by: string | null;
  readonly version: number;
}
