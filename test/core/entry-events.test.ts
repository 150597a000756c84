import type { PresenceEntry } from '../../core/awareness/entries.ts';
import type { SeenTask } from '../../core/awareness/seen-task.ts';
import { eventsOfEntry } from '../../core/awareness/viewer.ts';

const bob = { workspace: 'acme', user: 'bob', admin: false };

function task(id: number, visibility: 'private' | 'workspace'): SeenTask {
  return { id, facts: { visibility, created_by: 'alice', assignees: [] } };
}

/** What bob is pushed when alice goes from one task to others. */
function pushed(entry: Partial<PresenceEntry>, to: readonly number[] = []): unknown[] {
  const [before, after] = [[1], to].map((tasks) => ({ state: 'active', tasks, since: 0 }) as const);
  const all = {
    kind: 'presence',
    user: 'alice',
    revision: 2,
    before,
    after,
    tasks: [],
    at: 0,
    ...entry,
  } as const;
  return eventsOfEntry(all, bob, 0).map((event) => [event.type, 'tasks' in event && event.tasks]);
}

describe('what is pushed to somebody of a user who goes to another task', () => {
  it('is nothing where it could never see either of them', () => {
    const tasks = [task(1, 'private'), task(2, 'private')];
    expect(pushed({ told: [task(1, 'private')], tasks }, [2])).toEqual([]);
  });

  it('takes away a task that has become private, or was deleted, since the user came to it', () => {
    for (const tasks of [[task(1, 'private')], []]) {
      expect(pushed({ told: [task(1, 'workspace')], tasks })).toEqual([['presence.updated', []]]);
    }
  });

  it('takes away a task that has become visible since, which it may have been told when it asked', () => {
    expect(pushed({ told: [task(1, 'private')], tasks: [task(1, 'workspace')] })).toEqual([
      ['presence.updated', []],
    ]);
  });

  it('is by who may see the tasks now, where it was not noted before', () => {
    expect(pushed({ tasks: [task(1, 'private')] })).toEqual([]);
    expect(pushed({ tasks: [task(1, 'workspace')] })).toEqual([['presence.updated', []]]);
  });
});
