import fc from 'fast-check';
import type { Connection } from '../../core/connections/connection.ts';
import type { AdmissionRequest } from '../../core/connections/admission.ts';
import { admit, mostRunning } from '../../core/connections/admission.ts';
import { shortId } from '../../protocol/cursor.ts';
import { CrowdOfOneUser } from './crowd-of-one-user.ts';

const sampleTime = 1_000_000;
const minute = 60_000;

const seed = fc.integer({ min: 0, max: 2 ** 31 });
const perUser = fc.integer({ min: 1, max: 8 });

/** What a page may do, and how long after the one before, milliseconds. */
const step = fc.record({
  what: fc.constantFrom('reload', 'reload', 'drop', 'close silently', 'close', 'open'),
  which: fc.nat(),
  afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 90_000 })),
});

describe('the limit of a user', () => {
  it('ends no client for good as long as there are no more of them than it allows, whatever they do', () => {
    fc.assert(
      fc.property(
        seed,
        perUser,
        fc.constantFrom(0, 0.3, 1),
        fc.array(step, { minLength: 20, maxLength: 80 }),
        (seedOfRun, limit, blindness, steps) => {
          const crowd = new CrowdOfOneUser({ seed: seedOfRun, perUser: limit, blindness });
          for (const { what, which, afterMs } of steps) {
            crowd.pass(afterMs);
            const { living } = crowd;
            const client = living[which % Math.max(1, living.length)];
            if (what === 'open' && living.length < limit) crowd.open(which % 3 === 0, which % 3 === 1);
            else if (client && what === 'reload') crowd.reload(client);
            else if (client && what === 'drop') crowd.drop(client);
            else if (client && what.startsWith('close')) crowd.close(client, what === 'close');
          }
          crowd.pass(20 * minute);
          expect(crowd.stopped).toEqual([]);
          // The streams of pages that are gone have ended: all others are in, and nothing is asked any more.
          const asked = crowd.asked.length;
          const missing = new Set(crowd.living);
          for (let second = 0; second < 20; second += 1) {
            for (const client of missing) if (client.session !== undefined) missing.delete(client);
            crowd.pass(1000);
          }
          expect([missing.size, crowd.asked.length]).toEqual([0, asked]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('lets a kept page live while another is loaded again and again', () => {
    const crowd = new CrowdOfOneUser({ seed: 1, perUser: 20 });
    const kept = crowd.open();
    let other = crowd.open();
    for (let count = 0; count < 60; count += 1) {
      crowd.pass(2000);
      other = crowd.reload(other);
    }
    crowd.pass(10_000);
    expect(crowd.stopped).toEqual([]);
    expect([kept.session, other.session]).toEqual([expect.any(String), expect.any(String)]);
  });

  it('is kept to by more clients than it allows, once each has been asked: those that came first are ended for good', () => {
    fc.assert(
      fc.property(seed, perUser, fc.integer({ min: 1, max: 4 }), (seedOfRun, limit, more) => {
        const crowd = new CrowdOfOneUser({ seed: seedOfRun, perUser: limit });
        for (let count = 0; count < limit + more; count += 1) {
          crowd.open();
          crowd.pass(minute);
        }
        crowd.pass(60 * minute);
        expect(new Set(crowd.stopped)).toEqual(new Set(Array.from({ length: more }, (_, name) => name)));
        const asked = crowd.asked.length;
        crowd.pass(60 * minute);
        expect(crowd.asked).toHaveLength(asked);
        expect(crowd.living).toHaveLength(limit);
      }),
      { numRuns: 100 },
    );
  });

  it('ends one of those that came in the same millisecond, whichever it is, and no other', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 2, max: 8 }), (seedOfRun, limit) => {
        const crowd = new CrowdOfOneUser({ seed: seedOfRun, perUser: limit });
        crowd.open();
        for (let count = 0; count < limit; count += 1) {
          crowd.open();
          crowd.pass(minute);
        }
        crowd.pass(60 * minute);
        expect([[0], [1]]).toContainEqual(crowd.stopped);
      }),
      { numRuns: 100 },
    );
  });

  it('asks nobody for a handover, however full it is', () => {
    fc.assert(
      fc.property(seed, perUser, (seedOfRun, limit) => {
        const crowd = new CrowdOfOneUser({ seed: seedOfRun, perUser: limit });
        for (let count = 0; count < limit; count += 1) crowd.open(false, true);
        crowd.pass(60 * minute);
        expect([crowd.asked, crowd.stopped]).toEqual([[], []]);
        expect(crowd.living.filter(({ session }) => session !== undefined)).toHaveLength(limit);
      }),
      { numRuns: 50 },
    );
  });

  it('reaches a stable state even with clients that obey nothing', () => {
    fc.assert(
      fc.property(seed, perUser, fc.integer({ min: 1, max: 4 }), (seedOfRun, limit, more) => {
        const crowd = new CrowdOfOneUser({ seed: seedOfRun, perUser: limit });
        for (let count = 0; count < limit + more; count += 1) crowd.open(true);
        const asked: number[] = [];
        for (let hour = 0; hour < 6; hour += 1) {
          const before = crowd.asked.length;
          crowd.pass(60 * minute);
          asked.push(crowd.asked.length - before);
        }
        const budget = Math.max(40, 3 * limit) + 1;
        expect(asked[0]).toBeLessThanOrEqual(4 * budget);
        expect(asked[5]).toBeLessThanOrEqual(budget);
      }),
      { numRuns: 20 },
    );
  });

  it('bounds what one connect writes, and the sessions that run, also of those that connect and leave at once', () => {
    fc.assert(
      fc.property(
        seed,
        perUser,
        fc.integer({ min: 0, max: 500 }),
        fc.boolean(),
        (seedOfRun, limit, pauseMs, saysSo) => {
          const crowd = new CrowdOfOneUser({ seed: seedOfRun, perUser: limit });
          for (let count = 0; count < 80; count += 1) {
            crowd.close(crowd.open(), saysSo);
            crowd.pass(pauseMs);
          }
          expect(Math.max(...crowd.writes)).toBeLessThanOrEqual(2);
          expect(crowd.mostSessions).toBeLessThanOrEqual(crowd.bound);
        },
      ),
      { numRuns: 100 },
    );
  });
});

function connection(id: string, connectedAt: number, more: Partial<Connection> = {}): Connection {
  return { workspace: 'acme', user: 'alice', id, connectedAt, deadline: sampleTime + 60_000, ...more };
}

function decide(
  newest: Connection,
  others: readonly Connection[],
  more: Partial<AdmissionRequest> = {},
): ReturnType<typeof admit> {
  return admit({
    newest,
    ofUser: [newest, ...others],
    isWorkspaceFull: false,
    mayAsk: true,
    perUser: 2,
    now: sampleTime,
    random: () => 0,
    ...more,
  });
}

const nothing = { asked: [], ended: [] };

describe('a new connection', () => {
  const newest = connection('new', sampleTime);

  it('over the limit asks the one that has shown no sign of life for longest', () => {
    const [a, b] = [connection('a', sampleTime - 9), connection('b', sampleTime - 8)];
    expect(decide(newest, [a])).toEqual(nothing);
    expect(decide(newest, [b, a])).toEqual({ asked: [a], ended: [] });
  });

  it('asks none for one that was asked and has not ended yet', () => {
    const asked = connection('a', sampleTime - 9, { ended: 'liveness_check', endedAt: sampleTime - 1000 });
    expect(decide(newest, [asked, connection('b', sampleTime - 8)])).toEqual(nothing);
  });

  it('is refused while too many streams run; one that was asked to end counts until it must have ended', () => {
    const ended = (at: number): Connection[] =>
      Array.from({ length: mostRunning(2) }, (_, index) =>
        connection(`e${index}`, sampleTime - 100, { ended: 'disconnected', endedAt: at }),
      );
    expect(decide(newest, ended(sampleTime - 1000))).toEqual({ refused: 'user_limit' });
    expect(decide(newest, ended(sampleTime - 30_000))).toEqual(nothing);
  });

  it('asks another stream than the connections that come at the same time, whichever of them it sees', () => {
    const all = Array.from({ length: 8 }, (_, index) => connection(`c${index}`, sampleTime + index));
    const asked = all.map((each) =>
      decide(
        each,
        all.filter((other) => other !== each),
        { perUser: 5 },
      ),
    );
    expect(asked.flatMap((one) => ('asked' in one ? one.asked.map(({ id }) => id) : []))).toEqual(
      expect.arrayContaining(['c0', 'c1', 'c2']),
    );
  });

  it('asks nobody when it replaces a stream that hands over to it, but does when it replaces none of those that end soon', () => {
    const ending = connection('11111111-1', sampleTime - 200_000, { deadline: sampleTime + 4000 });
    const others = [ending, connection('b', sampleTime - 8)];
    const next = connection('next', sampleTime, { after: shortId(ending.id), born: sampleTime - 300_000 });
    expect(decide(next, others)).toEqual(nothing);
    expect(decide(newest, others)).toEqual({ asked: [ending], ended: [] });
    // Only one takes its place.
    const second = connection('second', sampleTime + 1, { after: shortId(ending.id) });
    expect(decide(second, [next, ...others])).toMatchObject({ asked: [{ id: 'b' }] });
    // One that was short from the beginning could be followed by any number.
    const short = { ...ending, connectedAt: sampleTime - 3000 };
    expect(decide(next, [short, others[1]!])).toMatchObject({ asked: [{ id: short.id }] });
  });

  it('ends the one for good that came first, when all have come back since the newest client came', () => {
    const back = (id: string, connectedAt: number, born: number): Connection =>
      connection(id, connectedAt, { born, after: `before-${id}` });
    const client = connection('c', sampleTime - 50);
    const [a, b] = [back('a', sampleTime - 20, sampleTime - 900), back('b', sampleTime, sampleTime - 500)];
    expect(decide(b, [client, a])).toEqual({ asked: [], ended: [a] });
    const first = { ...b, born: sampleTime - 1000 };
    expect(decide(first, [client, a])).toEqual({ asked: [], ended: [first] });
    // One that says that it came before, with a mark that another has given back too, may be anybody.
    const again = { ...b, after: a.after };
    expect(decide(again, [client, a])).toEqual({ asked: [client], ended: [] });
  });

  it('in a full workspace asks one of its own user, and is told to wait where that has no more to say', () => {
    const full = { isWorkspaceFull: true, perUser: 5 };
    const other = connection('a', sampleTime - 9);
    expect(decide(newest, [], full)).toEqual({ refused: 'workspace_limit' });
    expect(decide(newest, [other], full)).toEqual({ asked: [other], ended: [] });
    const back = connection('back', sampleTime, { after: shortId(other.id), born: sampleTime - 100 });
    const client = connection('c', sampleTime - 50);
    expect(decide(back, [client], full)).toEqual({ refused: 'workspace_limit' });
  });

  it('is refused where others were asked too often', () => {
    const others = [connection('a', sampleTime - 9), connection('b', sampleTime - 8)];
    expect(decide(newest, others, { mayAsk: false })).toEqual({ refused: 'user_limit' });
    expect(decide(newest, [others[0]!], { mayAsk: false })).toEqual(nothing);
  });
});
