import type { Rule } from './rule.ts';
import type { Task } from './task.ts';
import { taskStatuses, visibilities } from './task.ts';

/** The fields of a task that clients set. */
export type TaskInput = Omit<
  Task,
  'id' | 'created_by' | 'created_at' | 'updated_at' | 'updated_by' | 'version'
>;

/** What clients may set the fields of a task to. */
export const taskInputs = {
  name: { kind: 'text', longest: 200, isVisible: true },
  description: { kind: 'text', longest: 10_000, orNull: true },
  status: { kind: 'choice', of: taskStatuses },
  priority: { kind: 'whole', least: 0, most: 100 },
  blocked: { kind: 'flag' },
  assigned_to_agent: { kind: 'flag' },
  archived: { kind: 'flag' },
  assignees: { kind: 'users', most: 50 },
  visibility: { kind: 'choice', of: visibilities },
} as const satisfies { readonly [Name in keyof TaskInput]: Rule };

/** What whoever creates a task must say. */
export const requiredInputs: readonly (keyof TaskInput)[] = ['name'];

/** What a task has where whoever creates it does not say. */
export const absentInputs: Omit<TaskInput, 'name'> = {
  description: null,
  status: 'inbox',
  priority: 0,
  blocked: false,
  assigned_to_agent: false,
  archived: false,
  assignees: [],
  visibility: 'workspace',
};

/** A character can be made of many code points (a flag, a family); this is what one may take on average, bytes of UTF-8. */
export const characterBytes = 32;
