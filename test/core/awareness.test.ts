import { Awareness } from '../../core/awareness/awareness.ts';
import type { AwarenessEntry } from '../../core/awareness/entries.ts';

const now = Date.parse('2026-11-27T12:00:00Z');
const principal = { workspace: 'w', user: 'alice', admin: false };
const task = { id: 7, facts: { visibility: 'workspace', created_by: 'bob', assignees: [] } } as const;
const typing = (user: string, until: number): AwarenessEntry => ({
  kind: 'typing',
  user,
  task,
  until,
  at: now - 1000,
});

describe('what a subscriber is told of other users', () => {
  it('begins with a snapshot, then come those who type already', () => {
    const awareness = new Awareness(principal);
    const early = [typing('bob', now + 5000), typing('carol', now + 100)];
    expect(early.flatMap((entry) => awareness.take(entry, now))).toEqual([]);
    // Nobody is told that one has stopped who was not told that it had begun.
    expect(awareness.endTyping(now + 200)).toEqual([]);
    const begin = awareness.look({ records: [], tasks: [], at: now }, now + 300);
    expect(begin.map(({ type }) => type)).toEqual(['presence.snapshot', 'typing.started']);
    expect(begin[1]).toMatchObject({ taskId: 7, userId: 'bob' });
    expect(awareness.endTyping(now + 5000)).toMatchObject([{ type: 'typing.stopped', userId: 'bob' }]);
  });

  it('says of nobody that it has left who came when the table was read', () => {
    const awareness = new Awareness(principal);
    awareness.look({ records: [], tasks: [], at: now }, now);
    const after = { state: 'active', tasks: [], since: now + 100 } as const;
    const came: AwarenessEntry = {
      kind: 'presence',
      user: 'bob',
      revision: now + 100,
      after,
      until: now + 60_000,
      tasks: [],
      at: now + 100,
    };
    expect(awareness.take(came, now + 500)).toMatchObject([{ type: 'presence.joined', userId: 'bob' }]);
    expect(awareness.look({ records: [], tasks: [], at: now + 1000 }, now + 1100)).toEqual([]);
    // When its lease has run out is known all the same, and then the table counts.
    expect(awareness.firstEnd).toBe(now + 60_000);
    expect(awareness.look({ records: [], tasks: [], at: now + 60_500 }, now + 60_600)).toMatchObject([
      { type: 'presence.left', userId: 'bob' },
    ]);
  });
});
