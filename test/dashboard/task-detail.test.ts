import type { TaskEvent } from '../../client/index.ts';
import { describeChange } from '../../dashboard/task/history-words.ts';
import { relativeWords } from '../../dashboard/task/relative-words.ts';
import { sharingObstacle } from '../../dashboard/task/rights.ts';
import {
  conflictsOf,
  fieldsOfEdits,
  seenTask,
  withoutSaved,
  withText,
} from '../../dashboard/task/text-edits.ts';
import { sampleTask } from '../core/task-samples.ts';

const task = sampleTask({
  id: 7,
  name: 'Milk',
  description: null,
  priority: 0,
  status: 'inbox',
  archived: false,
  blocked: false,
  assigned_to_agent: false,
  visibility: 'workspace',
  assignees: [],
  created_by: 'bob',
  updated_by: 'carol',
});

describe('texts of a task that are edited', () => {
  it('are none when they are as the task has them', () => {
    const edits = withText({}, task, 'name', 'Tea');
    expect(edits).toEqual({ name: { mine: 'Tea', seen: 'Milk' } });
    expect(withText(edits, task, 'name', 'Milk')).toEqual({});
    expect(withText({}, task, 'description', '')).toEqual({});
  });

  it('are sent as the server takes them', () => {
    const edits = { description: { mine: '', seen: 'Old' }, priority: { mine: '7', seen: '0' } };
    expect(fieldsOfEdits(edits)).toEqual({ description: null, priority: 7 });
  });

  it('are in conflict with what somebody else wrote, unless that is the same', () => {
    const edits = { name: { mine: 'Tea', seen: 'Milk' }, priority: { mine: '5', seen: '0' } };
    expect(conflictsOf(edits, task)).toEqual([]);
    expect(conflictsOf(edits, { ...task, name: 'Tea', priority: 5, description: 'New' })).toEqual([]);
    expect(conflictsOf(edits, { ...task, name: 'Oats', priority: 0 })).toEqual(['name']);
  });

  it('are about the task as their user has seen it; no text and an empty one are the same to that', () => {
    const edits = { name: { mine: 'Tea', seen: 'Milk' }, description: { mine: 'New', seen: '' } };
    expect(seenTask(edits, { ...task, name: 'Oats', description: '', version: 9 })).toEqual({
      ...task,
      name: 'Milk',
      description: '',
      version: 9,
    });
    expect(seenTask(edits, { ...task, description: 'Old' }).description).toBeNull();
  });

  it('are left where they were typed while others were saved', () => {
    const saved = { name: { mine: 'Tea', seen: 'Milk' }, priority: { mine: '5', seen: '0' } };
    const edits = { ...saved, name: { mine: 'Teas', seen: 'Milk' }, description: { mine: 'New', seen: '' } };
    expect(withoutSaved(edits, saved)).toEqual({
      name: { mine: 'Teas', seen: 'Tea' },
      description: { mine: 'New', seen: '' },
    });
  });
});

describe('the words of the history', () => {
  const timestamp = '2026-11-28T12:00:00.000Z';
  const updated = (fields: object): TaskEvent => ({
    type: 'task.updated',
    taskId: 7,
    timestamp,
    task: { ...task, ...fields },
  });

  it.each<[object, string]>([
    [{}, 'carol saved it.'],
    [{ name: 'Tea' }, 'carol renamed it from “Milk” to “Tea”.'],
    [{ description: 'x' }, 'carol described it.'],
    [{ priority: 9 }, 'carol changed its priority from 0 to 9.'],
    [{ blocked: true }, 'carol said that it is blocked.'],
    [{ assigned_to_agent: true }, 'carol gave it to an agent.'],
    [{ visibility: 'private' }, 'carol made it private.'],
    [{ assignees: ['a', 'b'] }, 'carol assigned a, b.'],
    [
      { archived: true, priority: 1 },
      'carol moved it from Inbox to Archived and changed its priority from 0 to 1.',
    ],
    [{ updated_by: null, status: 'done' }, 'Somebody moved it from Inbox to Done.'],
  ])('%j', (fields, words) => {
    expect(describeChange(updated(fields), task)).toBe(words);
  });

  it.each<[object, string]>([
    [{ description: 'x', visibility: 'private' }, 'carol removed its description and let everybody see it.'],
    [
      { blocked: true, assigned_to_agent: true },
      'carol said that it is not blocked any more and took it from the agent.',
    ],
    [{ assignees: ['a'] }, 'carol took it from a.'],
  ])('%j, taken back', (before, words) => {
    expect(describeChange(updated({}), { ...task, ...before })).toBe(words);
  });

  it('say what is known where nobody knows what was before', () => {
    const moved: TaskEvent = {
      type: 'task.status_changed',
      taskId: 7,
      timestamp,
      task: { ...task, status: 'done' },
      previousStatus: 'up_next',
      newStatus: 'done',
    };
    expect(describeChange(moved, undefined)).toBe('carol moved it from Up next to Done.');
    expect(describeChange(updated({}), undefined)).toBe('carol changed it.');
    expect(describeChange({ type: 'task.created', taskId: 7, timestamp, task }, undefined)).toBe(
      'bob made it, in Inbox.',
    );
    expect(describeChange({ type: 'task.deleted', taskId: 7, timestamp }, task)).toBe(
      'It was deleted, or hidden from you.',
    );
  });
});

describe('a time in words', () => {
  it.each([
    [-60, 'just now'],
    [44, 'just now'],
    [45, '1 minute ago'],
    [60 * 49, '49 minutes ago'],
    [60 * 51, '1 hour ago'],
    [3600 * 21, '21 hours ago'],
    [3600 * 23, 'yesterday'],
    [86_400 * 25, '25 days ago'],
    [86_400 * 60, '2 months ago'],
    [86_400 * 365, 'last year'],
  ])('is, after %d s, %s', (seconds, words) => {
    expect(relativeWords(0, seconds * 1000)).toBe(words);
  });
});

describe('the right to share a task', () => {
  it.each<[string, boolean, boolean]>([
    ['bob', false, true],
    ['carol', true, true],
    ['carol', false, false],
  ])('of %s, admin %s: %s', (user, admin, may) => {
    expect(sharingObstacle(task, { user, admin, workspace: 'w' }) === undefined).toBe(may);
  });

  it('is the admins’ alone where nobody made it', () => {
    const obstacle = sharingObstacle(
      { ...task, created_by: null },
      { user: 'bob', admin: false, workspace: 'w' },
    );
    expect(obstacle).toMatch(/^Only admins can/);
  });
});
