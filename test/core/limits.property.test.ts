import fc from 'fast-check';
import type { Connection } from '../../core/stream/connection.ts';
import { admit, ENDING_SOON_MS } from '../../core/stream/limits.ts';

const NOW = 1_000_000;
const ROOMY = { perUser: 5, perWorkspace: 100 };

function connection(id: string, connectedAt: number, deadline = NOW + 60_000): Connection {
  return { workspace: 'acme', user: 'alice', id, connectedAt, deadline };
}

const anyConnections = fc.uniqueArray(
  fc.record({
    workspace: fc.constant('acme'),
    user: fc.constant('alice'),
    id: fc.uuid(),
    connectedAt: fc.integer({ min: NOW - 5, max: NOW }),
    deadline: fc.integer({ min: NOW + ENDING_SOON_MS + 1, max: NOW + 60_000 }),
  }),
  { selector: ({ id }) => id, minLength: 1, maxLength: 12 },
);

describe('connection limits', () => {
  it('leave exactly as many streams of a user as may be, the youngest ones, whichever of them asks', () => {
    fc.assert(
      fc.property(anyConnections, fc.integer({ min: 1, max: 6 }), (connections, perUser) => {
        const verdicts = connections.map((newest) =>
          admit(connections, newest, connections.length, { perUser, perWorkspace: 100 }, NOW),
        );
        const [first] = verdicts;
        expect(first).not.toBe('refused');
        expect(verdicts.every((verdict) => JSON.stringify(verdict) === JSON.stringify(first))).toBe(true);
        const { evicted } = first as { evicted: readonly Connection[] };
        expect(evicted).toHaveLength(Math.max(0, connections.length - perUser));
        const kept = connections.filter((each) => !evicted.includes(each));
        const youngestEvicted = Math.max(-Infinity, ...evicted.map(({ connectedAt }) => connectedAt));
        expect(kept.every(({ connectedAt }) => connectedAt >= youngestEvicted)).toBe(true);
      }),
    );
  });

  it('do not count a stream that is about to end: its client has just opened the next one', () => {
    const ending = connection('ending', NOW - 9, NOW + ENDING_SOON_MS);
    const others = [connection('a', NOW - 3), connection('b', NOW - 2)];
    const newest = connection('new', NOW);
    const limits = { perUser: 3, perWorkspace: 100 };
    expect(admit([ending, ...others, newest], newest, 4, limits, NOW)).toEqual({ evicted: [] });
  });

  it('count the new stream even when its own end is near', () => {
    const newest = connection('new', NOW, NOW + 1);
    const verdict = admit(
      [connection('a', NOW - 3), newest],
      newest,
      2,
      { perUser: 1, perWorkspace: 9 },
      NOW,
    );
    expect(verdict).toEqual({ evicted: [expect.objectContaining({ id: 'a' })] });
  });

  it('give a place in a full workspace at the price of the own oldest stream, and refuse who has none', () => {
    const newest = connection('new', NOW);
    const oldest = connection('old', NOW - 9);
    const limits = { ...ROOMY, perWorkspace: 10 };
    expect(admit([oldest, newest], newest, 11, limits, NOW)).toEqual({ evicted: [oldest] });
    expect(admit([newest], newest, 11, limits, NOW)).toBe('refused');
    expect(admit([newest], newest, 10, limits, NOW)).toEqual({ evicted: [] });
  });
});
