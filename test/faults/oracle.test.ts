import type { Task } from '../../protocol/task.ts';
import { Ledger } from '../../faults/judge/ledger.ts';
import type { Verdict } from '../../faults/judge/oracle.ts';
import { judge } from '../../faults/judge/oracle.ts';
import type { Heard } from '../../faults/board/heard.ts';
import { sampleTask } from '../core/task-samples.ts';

const bob = { sub: 'bob', admin: false };

const first = sampleTask({ name: 'one', created_at: null, updated_at: null });
const second: Task = { ...first, name: 'two', version: 2 };
const secret: Task = { ...first, id: 2, visibility: 'private' };

let nextId = 1;
function event(type: string, task: Task, more: object = {}): Heard {
  const heard = {
    kind: 'event',
    id: String(nextId++),
    type,
    taskId: task.id,
    from: '',
    to: '',
    at: 0,
  } as const;
  return { ...heard, task: type === 'task.deleted' ? undefined : task, ...more };
}

const reload = (...tasks: Task[]): Heard => ({
  kind: 'reload',
  reason: 'resync',
  tasks: new Map(tasks.map((task) => [task.id, task])),
});

/** Judges what bob has heard and shows, after writes of tasks: the last one of each is in the table. */
function verdict(
  writes: readonly Task[],
  heard: Heard[],
  shown: readonly Task[],
  more: object = {},
): Verdict {
  const ledger = new Ledger();
  const table = new Map<number, Task>();
  for (const task of writes) {
    ledger.accept(task.id, task);
    table.set(task.id, task);
  }
  const tasks = new Map(shown.map((task) => [task.id, task]));
  const client = {
    user: bob,
    heard,
    tasks,
    backwards: 0,
    violations: [],
    toldAfterEnd: [],
    source: { finalStatus: undefined },
    ...more,
  };
  return judge(client, ledger, table);
}

describe('what a client got is judged', () => {
  const created = event('task.created', first);
  const updated = event('task.updated', second);

  it('right, when each change came once and the board is as the table', () => {
    expect(verdict([first, second, secret], [created, updated], [second])).toEqual({
      delivered: 2,
      bySocket: 0,
      lost: 0,
      doubled: 0,
      leaked: 0,
      findings: [],
    });
  });

  it.each([
    ['a missing event', [created], [second], { lost: 1 }],
    ['a board that is behind', [created, updated], [first], { lost: 1 }],
    ['a task that is not on the board', [created, updated], [], { lost: 1 }],
    ['a task that should be gone', [created, updated], [second, { ...first, id: 3 }], { lost: 1 }],
    ['the same id twice', [created, updated, updated], [second], { doubled: 2 }],
    [
      'the same event with another id',
      [created, updated, event('task.updated', second)],
      [second],
      { doubled: 1 },
    ],
    ['another order', [updated, created], [second], { lost: 1 }],
    [
      'other fields',
      [created, event('task.updated', { ...second, priority: 9 })],
      [second],
      { lost: 1, doubled: 1 },
    ],
    ["another user's task", [created, updated, event('task.created', secret)], [second], { leaked: 2 }],
    [
      'news of a task that was never seen',
      [created, updated, event('task.deleted', secret)],
      [second],
      { leaked: 1 },
    ],
    ['a private task on the board', [created, updated], [second, secret], { leaked: 1 }],
    ['a private task in a list', [reload(second, secret)], [second], { leaked: 1 }],
  ] as const)('wrong: %s', (_, heard, shown, counts) => {
    const found = verdict([first, second, secret], [...heard], [...shown]);
    expect(found).toMatchObject({ lost: 0, doubled: 0, leaked: 0, ...counts });
    expect(found.findings.length).toBeGreaterThan(0);
  });

  it('wrong: versions that go backwards, and a stream that never comes back', () => {
    expect(verdict([first], [created], [first], { backwards: 1 }).lost).toBe(1);
    expect(verdict([first], [created], [first], { source: { finalStatus: 502 } }).lost).toBe(1);
  });

  it('right, when what is missing was loaded; wrong, when it came after', () => {
    const third = { ...second, name: 'three', version: 3 };
    const last = event('task.updated', third);
    expect(verdict([first, second, third], [reload(second), last], [third]).findings).toEqual([]);
    expect(verdict([first, second, third], [reload(first), last], [third]).lost).toBe(1);
  });

  it('wrong, when a task came after what was loaded, and nothing was heard of it', () => {
    const late = { ...first, id: 3 };
    const loaded = [created, updated, reload(second)];
    expect(verdict([first, second, late], loaded, [second, late]).lost).toBe(1);
    const withLate = [...loaded, event('task.created', late)];
    expect(verdict([first, second, late], withLate, [second, late]).findings).toEqual([]);
  });

  it('right, when a task came and went before what was loaded; wrong, when it came again after it', () => {
    const shared: Task = { ...secret, visibility: 'workspace', version: 2 };
    const hidden: Task = { ...secret, version: 3 };
    const back: Task = { ...shared, version: 4 };
    expect(verdict([shared, hidden], [reload()], []).findings).toEqual([]);
    expect(verdict([shared, hidden, back], [reload()], [back]).lost).toBe(1);
    const heard = [reload(), event('task.created', back)];
    expect(verdict([shared, hidden, back], heard, [back]).findings).toEqual([]);
  });
});

describe('the ledger', () => {
  it('takes a write for one write, whatever its version is: what else comes is too much', () => {
    const ledger = new Ledger();
    const done: Task = { ...second, status: 'done', version: 3 };
    ledger.accept(1, first);
    ledger.accept(1, done);
    expect(ledger.changes).toBe(2);
    const types = ledger.expected(1, bob).map((key) => key.replace(/ ".*/, ''));
    const changed = 'task.status_changed from inbox to done';
    expect(types).toEqual(['task.created', changed, 'task.updated']);

    const again = { ...done, version: 2 };
    const status = { from: 'inbox', to: 'done' };
    const twice = [
      event('task.created', first),
      event('task.status_changed', again, status),
      event('task.updated', again),
      event('task.updated', done),
    ];
    expect(verdict([first, done], twice, [done]).doubled).toBeGreaterThan(0);
  });

  it('expects of a task what its user may see of it', () => {
    const ledger = new Ledger();
    ledger.accept(2, secret);
    expect([ledger.expected(2, bob), ledger.everVisible(2, bob)]).toEqual([[], false]);
    ledger.accept(2, { ...secret, assignees: ['bob'] });
    ledger.accept(2, secret);
    const types = ledger.expected(2, bob).map((key) => key.replace(/ ".*/, ''));
    expect([types, ledger.everVisible(2, bob)]).toEqual([['task.created', 'task.deleted'], true]);
    expect(ledger.expected(2, { sub: 'dave', admin: true })).toHaveLength(3);
  });
});
