import type { Drain } from '../../core/connections/drain.ts';
import type { EndNews } from '../../core/connections/end-feed.ts';
import type { StreamTimes } from '../../core/session/end-watch.ts';
import type { ConnectionItem } from '../../core/session/ports.ts';
import { SessionEnd, EndWatch } from '../../core/session/end-watch.ts';
import { undisturbed } from './open-session.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What comes from outside, to a stream that opened at 0. Milliseconds. */
type World = Partial<Omit<StreamTimes, 'leaseUntil'> & Pick<ConnectionItem, 'moveDeadline'>> & {
  readonly leaseMs?: number;
  /** What a look at the item at a time shows; a lease by the time since the stream opened. */
  readonly state?: (at: number) => ReturnType<ConnectionItem['state']>;
  readonly random?: number;
  /** What the stream hears, and when. */
  readonly news?: undefined | readonly (readonly [at: number, news: Partial<EndNews>])[];
};

/** Watches a stream until it must end, at the latest at its length of 100 s; tells when that was and why. */
async function endOf({
  leaseMs,
  state = async () => undefined,
  random = 0.5,
  moveDeadline = async () => true,
  news = [],
  ...times
}: World = {}): Promise<{
  after: number;
  reason: string | undefined;
  unheard: number;
  troubles: unknown[];
  looks: number[];
}> {
  const clock = new VirtualClock();
  const opened = clock.now();
  const [troubles, looks]: [unknown[], number[]] = [[], []];
  const connection: ConnectionItem = {
    follow: (listener) => {
      for (const [at, { asked, drain }] of news) void clock.sleep(at).then(() => listener({ asked, drain }));
    },
    state: async () => {
      looks.push(clock.now() - opened);
      const seen = await state(clock.now() - opened);
      return seen?.leaseUntil === undefined ? seen : { ...seen, leaseUntil: opened + seen.leaseUntil };
    },
    moveDeadline,
  };
  const ending = new EndWatch(
    {
      connectedAt: opened,
      ends: { session_length: opened + 100_000, deadline: opened + 110_000, token_expired: opened + 120_000 },
      leaseUntil: leaseMs === undefined ? undefined : opened + leaseMs,
      ...times,
    },
    {
      clock,
      random: () => random,
      connection: { ...undisturbed, ...connection },
      observer: { trouble: (_, error) => troubles.push(error) },
    },
  );
  const over = new AbortController();
  const watch = ending.watch(over.signal);
  await expect(ending.unlessOver(new Promise(() => undefined))).rejects.toThrow(SessionEnd);
  over.abort();
  await watch;
  const now = clock.now();
  return { after: now - opened, reason: ending.due(), unheard: now - ending.heardAt, troubles, looks };
}

/** The lease, milliseconds, of a client that renews it at some times. */
const renewedAt =
  (renewals: readonly number[], leaseMs = 30_000): NonNullable<World['state']> =>
  async (at) => ({
    asked: undefined,
    leaseUntil: (renewals.findLast((renewed) => renewed <= at) ?? 0) + leaseMs,
  });

const opened = new VirtualClock().now();
const drainAfter = (at: number, spreadMs = 12_000): World['news'] => [
  [at, { drain: { before: opened + at + 1, spreadMs } satisfies Drain }],
];

describe('the end of a session', () => {
  it('comes at the earliest time that is known before', async () => {
    await expect(endOf()).resolves.toMatchObject({
      after: 100_000,
      reason: 'session_length',
      // Nobody has said a word since it opened.
      unheard: 100_000,
    });
  });

  it('comes at once when it hears that somebody has asked for it', async () => {
    const asked = { reason: 'revoked', at: opened + 19_000 } as const;
    await expect(endOf({ news: [[20_000, { asked }]] })).resolves.toMatchObject({
      after: 20_000,
      reason: 'revoked',
      unheard: 20_000,
    });
  });

  it('is that of a client that was there until it said that it leaves', async () => {
    const asked = { reason: 'disconnected', at: opened + 19_000 } as const;
    await expect(endOf({ news: [[20_000, { asked }]] })).resolves.toMatchObject({
      reason: 'disconnected',
      unheard: 1000,
    });
  });

  it('comes when the lease runs out, and not before: it is looked at from some time before', async () => {
    const renewals = [29_999, 45_000, 52_000];
    await expect(endOf({ leaseMs: 30_000, state: renewedAt(renewals) })).resolves.toMatchObject({
      reason: 'lease_expired',
      after: 82_000,
      // It renewed its lease after 52 s.
      unheard: 30_000,
      looks: [20_000, 22_500, 25_000, 27_500, 30_000, 49_999, 65_000, 72_000, 74_500, 77_000, 79_500, 82_000],
    });
  });

  it('is not looked for where the lease has long to run', async () => {
    const { looks } = await endOf({ leaseMs: 90_000, state: renewedAt([45_000], 90_000) });
    expect(looks).toEqual([80_000]);
  });

  it('does not come while a renewed lease cannot be looked at for a moment', async () => {
    const renewed = renewedAt([15_000, 30_000, 45_000, 60_000, 75_000, 90_000]);
    const state: World['state'] = async (at) => {
      if (at % 30_000 < 9000) throw new Error('throttled');
      return renewed(at);
    };
    await expect(endOf({ leaseMs: 30_000, state })).resolves.toMatchObject({ reason: 'session_length' });
  });

  it('has the reason that the item says where nobody else could tell it', async () => {
    const asked = { reason: 'revoked', at: opened + 5000 } as const;
    const { reason, after } = await endOf({
      leaseMs: 30_000,
      state: async () => ({ asked, leaseUntil: undefined }),
    });
    expect([reason, after]).toEqual(['revoked', 20_000]);
  });

  it('does not come with a lease that ran out while the stream was being opened', async () => {
    const { after, reason } = await endOf({
      connectedAt: opened - 12_000,
      leaseMs: -2000,
      state: async () => ({ asked: undefined, leaseUntil: -2000 }),
    });
    expect(reason).toBe('lease_expired');
    expect(after).toBe(10_000);
  });

  it('comes with the lease when nobody knows of it any more, or can tell whether it was renewed', async () => {
    const troubles = await Promise.all([
      endOf({ leaseMs: 30_000 }),
      endOf({
        leaseMs: 30_000,
        state: async () => {
          throw new Error('throttled');
        },
      }),
    ]);
    for (const { reason, after } of troubles) expect([reason, after]).toEqual(['lease_expired', 30_000]);
    expect(troubles.map((each) => each.troubles.length)).toEqual([0, 5]);
  });

  it('does not wait for a look that takes too long', async () => {
    const { after, reason } = await endOf({
      leaseMs: 30_000,
      state: () => new Promise(() => undefined),
    });
    expect(reason).toBe('lease_expired');
    expect(after).toBeLessThanOrEqual(31_000);
  });

  it('is spread when a deploy asks older streams to end, and leaves younger ones alone', async () => {
    const news = drainAfter(10_000);
    const ends = await Promise.all([0, 0.25, 0.5, 0.99].map((random) => endOf({ news, random })));
    expect(ends.every(({ reason }) => reason === 'deploy')).toBe(true);
    const times = ends.map(({ after }) => after);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(11_000);
    expect(Math.max(...times)).toBeLessThan(10_000 + 5000 + 20_000);
    const younger = await endOf({ news, connectedAt: opened + 10_001 });
    expect(younger.reason).toBe('session_length');
  });

  it('is spread as wide as the drain says', async () => {
    const news = drainAfter(0, 60_000);
    const ends = await Promise.all([0, 0.99].map((random) => endOf({ news, random })));
    expect(ends.map(({ reason }) => reason)).toEqual(['deploy', 'deploy']);
    expect(ends[1]!.after - ends[0]!.after).toBeGreaterThan(59_000);
  });

  it('is what the item says where nothing else can tell', async () => {
    const asked = { reason: 'revoked', at: opened + 19_000 } as const;
    const { reason, after, looks } = await endOf({
      news: [
        [10_000, { asked: 'unknown' }],
        [20_000, { asked: 'unknown' }],
      ],
      state: async (at) => (at < 19_000 ? undefined : { asked, leaseUntil: undefined }),
    });
    expect([reason, after]).toEqual(['revoked', 20_000]);
    expect(looks).toEqual([10_000, 20_000]);
  });

  it('is planned once for a drain, however often it is told', async () => {
    const news = [0, 3000, 6000].flatMap((at) => drainAfter(at) ?? []);
    const deadlines: number[] = [];
    const moveDeadline = async (deadline: number): Promise<void> => void deadlines.push(deadline - opened);
    const { after, reason } = await endOf({ news, moveDeadline });
    expect(reason).toBe('deploy');
    expect(deadlines).toEqual([after]);
  });

  it('is noted for the limits before the client hears of a deploy, unless the stream ends earlier anyway', async () => {
    const deadlines: number[] = [];
    const moveDeadline = async (deadline: number): Promise<void> => void deadlines.push(deadline - opened);
    const ends = { session_length: opened + 8000, deadline: opened + 9000, token_expired: opened + 9000 };
    await expect(endOf({ news: drainAfter(0), moveDeadline, ends })).resolves.toMatchObject({
      reason: 'session_length',
    });
    expect(deadlines).toEqual([]);
  });

  it('comes for a deploy also when its deadline cannot be moved', async () => {
    const broken = async (): Promise<never> => {
      throw new Error('throttled');
    };
    const failed = await endOf({ news: drainAfter(0), moveDeadline: broken });
    expect(failed.reason).toBe('deploy');
    expect(failed.troubles).toHaveLength(1);
    const hung = await endOf({ news: drainAfter(0), moveDeadline: () => new Promise(() => undefined) });
    expect(hung.reason).toBe('deploy');
  });
});
