import fc from 'fast-check';
import type { Change, TaskChange } from '../../core/log/change.ts';
import type { Filter } from '../../core/subscription/filter.ts';
import { everything } from '../../core/subscription/filter.ts';
import type { Subscription } from '../../core/subscription/subscription.ts';
import type { Principal } from '../../core/subscription/principal.ts';
import type { Task } from '../../protocol/task.ts';
import { taskStatuses, visibilities } from '../../protocol/task.ts';

/** A task with every field set; `fields` override. */
export function sampleTask(fields: Partial<Task> = {}): Task {
  return {
    id: 1,
    name: 'a task',
    description: null,
    status: 'inbox',
    priority: 0,
    blocked: false,
    assigned_to_agent: false,
    archived: false,
    created_by: 'alice',
    assignees: [],
    visibility: 'workspace',
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    updated_by: 'alice',
    version: 1,
    ...fields,
  };
}

/** A subscriber who wants all that a principal may see. */
export function allOf(principal: Principal): Subscription {
  return { principal, filter: everything };
}

const sampleUsers = ['alice', 'bob', 'carol'];

/** A member of workspace `acme`, now and then an admin. */
export const anyPrincipal: fc.Arbitrary<Principal> = fc.record({
  workspace: fc.constant('acme'),
  user: fc.constantFrom(...sampleUsers),
  admin: fc.boolean(),
});

/** A task of a few users, so that visibility matters. */
export const anyTask: fc.Arbitrary<Task> = fc
  .record({
    id: fc.integer({ min: 1, max: 3 }),
    name: fc.string({ maxLength: 20, unit: 'binary' }),
    status: fc.constantFrom(...taskStatuses),
    assigned_to_agent: fc.boolean(),
    visibility: fc.constantFrom(...visibilities),
    created_by: fc.constantFrom(...sampleUsers, null),
    assignees: fc.subarray(sampleUsers),
  })
  .map((fields) => sampleTask({ ...fields, archived: fields.status === 'archived' }));

/** A filter of tasks, of any of its parts. */
export const anyTaskFilter: fc.Arbitrary<Filter> = fc.record(
  {
    tasks: fc.uniqueArray(fc.integer({ min: 1, max: 3 })).map((ids) => new Set(ids)),
    statuses: fc.uniqueArray(fc.constantFrom(...taskStatuses), { minLength: 1 }).map((list) => new Set(list)),
    assignedToAgent: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** A change between two images of one task, or a resync, with the given source. */
export function anyChange(source: string): fc.Arbitrary<Change> {
  const task = fc
    .tuple(fc.option(anyTask, { nil: undefined }), anyTask)
    .map(([before, after]): TaskChange => ({
      kind: 'task',
      source,
      at: Date.UTC(2026, 0, 1),
      task: after.id,
      ...(before && { before }),
      after,
    }));
  const resync: fc.Arbitrary<Change> = fc.constant({ kind: 'resync', source, at: Date.UTC(2026, 0, 1) });
  return fc.oneof({ weight: 9, arbitrary: task }, { weight: 1, arbitrary: resync });
}
