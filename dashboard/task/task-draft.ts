import type { TaskStatus } from '../../client/index.ts';
import type { TaskFields } from '../../client/store/index.ts';

/** What a task is, as a yes or a no. */
export interface TaskFlags {
  readonly blocked: boolean;
  readonly agent: boolean;
  readonly private: boolean;
}

/** A new task as it stands in the form. */
export interface TaskDraft extends TaskFlags {
  readonly name: string;
  readonly description: string;
  readonly column: TaskStatus;
  /** As typed. */
  readonly priority: string;
  readonly assignees: readonly string[];
}

export const emptyDraft: TaskDraft = {
  name: '',
  description: '',
  column: 'inbox',
  priority: '0',
  blocked: false,
  agent: false,
  private: false,
  assignees: [],
};

/** Whether there is anything in a draft that its user has put there. */
export function isEmpty(draft: TaskDraft): boolean {
  return JSON.stringify(draft) === JSON.stringify(emptyDraft);
}

/** What the server is sent of a draft. */
export function fieldsOfDraft(draft: TaskDraft): TaskFields {
  const { name, description, column, priority, blocked, agent, assignees } = draft;
  return {
    name,
    description: description === '' ? null : description,
    status: column,
    priority: Number(priority),
    blocked,
    assigned_to_agent: agent,
    visibility: draft.private ? 'private' : 'workspace',
    assignees,
  };
}
