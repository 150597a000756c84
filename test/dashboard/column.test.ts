import { expect, test } from '@jest/globals';
import { columnOf } from '../../dashboard/column.ts';

test.each([
  ['done', false, 'done'],
  ['done', true, 'archived'],
  ['archived', true, 'archived'],
] as const)('a task with the status %s and archived: %s is in the column %s', (status, archived, column) => {
  expect(columnOf({ status, archived })).toBe(column);
});
