import { taskStatuses } from '../../protocol/task.ts';
import { columnOf, fieldsToMove } from '../../dashboard/board/columns.ts';
import { changedFields } from '../../client/store/task-changes.ts';
import { describeChanges } from '../../dashboard/task/change-words.ts';
import { sampleTask } from '../core/task-samples.ts';

describe('the column of a task', () => {
  it.each(taskStatuses)(
    'with the status %s is Archived by its flag too, and by moving it the two agree',
    (status) => {
      expect(columnOf({ status, archived: false })).toBe(status);
      expect(columnOf({ status, archived: true })).toBe('archived');
      for (const archived of [true, false]) {
        for (const column of taskStatuses) {
          const moved = { status, archived, ...fieldsToMove({ status, archived }, column) };
          expect(moved).toEqual({ status: column, archived: column === 'archived' });
        }
      }
    },
  );

  it('is all that a move between other columns sets', () => {
    expect(fieldsToMove({ status: 'inbox', archived: false }, 'done')).toEqual({ status: 'done' });
  });
});

describe('what has become of a task', () => {
  const before = sampleTask({ id: 1, version: 1, name: 'Milk', status: 'inbox', visibility: 'workspace' });
  it.each([
    [{ name: 'Oat milk' }, 'it is now named “Oat milk”'],
    [{ status: 'done' as const }, 'it is now in Done'],
    [{ archived: true }, 'it is now in Archived'],
    [{ visibility: 'private' as const }, 'it is now private'],
    [{ description: 'new', assigned_to_agent: true }, 'its description, assigned to agent changed'],
    [{ name: 'A', status: 'done' as const }, 'it is now named “A”, and it is now in Done'],
    [{}, 'it was written again'],
  ])('by %j is told', (fields, said) => {
    const after = { ...before, ...fields, version: 2, updated_at: '2026-01-02T00:00:00.000Z' };
    expect(describeChanges(before, after)).toBe(said);
    expect([...changedFields(before, after)].toSorted()).toEqual(Object.keys(fields).toSorted());
  });
});
