import type { ConnectionView } from '../../core/connections/connection-view.ts';
import type { StreamTimes } from '../../core/session/end-watch.ts';
import type { ConnectionItem } from '../../core/session/ports.ts';
import { SessionEnd, EndWatch } from '../../core/session/end-watch.ts';
import { VirtualClock } from './virtual-clock.ts';

const stillThere: ConnectionView = { state: {}, drain: undefined };

/** Watches a stream until it must end, at the latest at its length of 100 s; tells when that was and why. */
async function endOf(
  look: (at: number, isDecisive: boolean) => Promise<ConnectionView>,
  {
    leaseMs,
    random = 0.5,
    moveDeadline = async () => true,
    ...times
  }: Partial<StreamTimes & Pick<ConnectionItem, 'moveDeadline'>> & { leaseMs?: number; random?: number } = {},
): Promise<{ after: number; reason: string | undefined; unheard: number; troubles: unknown[] }> {
  const clock = new VirtualClock();
  const opened = clock.now();
  const troubles: unknown[] = [];
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
      connection: { look: (isDecisive) => look(clock.now() - opened, isDecisive), moveDeadline },
      observer: { trouble: (_, error) => troubles.push(error) },
    },
  );
  const over = new AbortController();
  const watch = ending.watch(over.signal);
  await expect(ending.unlessOver(new Promise(() => undefined))).rejects.toThrow(SessionEnd);
  over.abort();
  await watch;
  const now = clock.now();
  return { after: now - opened, reason: ending.due(), unheard: now - ending.heardAt, troubles };
}

describe('the end of a session', () => {
  it('comes at the earliest time that is known before', async () => {
    await expect(endOf(async () => stillThere)).resolves.toMatchObject({
      after: 100_000,
      reason: 'session_length',
      // Nobody has said a word since it opened.
      unheard: 100_000,
    });
  });

  it('comes within 5 s when the item is gone', async () => {
    const { after, reason, unheard } = await endOf(async (at) => ({
      ...stillThere,
      state: at < 8000 ? {} : 'gone',
    }));
    expect(reason).toBe('disconnected');
    // It has left since the look before.
    expect(unheard).toBeLessThan(3000);
    expect(after).toBeGreaterThanOrEqual(8000);
    expect(after).toBeLessThan(13_000);
  });

  it('comes within 5 s when somebody has written why', async () => {
    const { after, reason } = await endOf(async (at) => ({
      ...stillThere,
      state: at < 20_000 ? {} : { ended: 'revoked' },
    }));
    expect(reason).toBe('revoked');
    expect(after).toBeLessThan(25_000);
  });

  it('comes when the lease runs out, and not before: it is looked at once more then', async () => {
    const renewals = [30_000, 59_500];
    const opened = new VirtualClock().now();
    const seen = (at: number): ConnectionView => {
      const last = renewals.findLast((renewed) => renewed <= at) ?? 0;
      return { ...stillThere, state: { leaseUntil: opened + last + 30_000 } };
    };
    const looks: [at: number, isDecisive: boolean][] = [];
    const look = async (at: number, isDecisive: boolean): Promise<ConnectionView> => {
      looks.push([at, isDecisive]);
      return seen(at);
    };
    await expect(endOf(look, { leaseMs: 30_000 })).resolves.toMatchObject({
      reason: 'lease_expired',
      after: 89_500,
      // It renewed its lease after 59.5 s.
      unheard: 30_000,
    });
    expect(looks.filter(([, isDecisive]) => isDecisive).map(([at]) => at)).toEqual([30_000, 60_000, 89_500]);
  });

  it('does not come with a lease that ran out while the stream was being opened', async () => {
    const opened = new VirtualClock().now();
    const asNoted = async (): Promise<ConnectionView> => ({
      ...stillThere,
      state: { leaseUntil: opened - 2000 },
    });
    const { after, reason } = await endOf(asNoted, { connectedAt: opened - 12_000, leaseMs: -2000 });
    expect(reason).toBe('lease_expired');
    expect(after).toBe(10_000);
  });

  it('comes with the lease when nobody can tell whether it was renewed, and for no other trouble', async () => {
    const broken = async (): Promise<never> => {
      throw new Error('throttled');
    };
    await expect(endOf(broken, { leaseMs: 30_000 })).resolves.toMatchObject({ reason: 'lease_expired' });
    const { reason, troubles } = await endOf(broken);
    expect(reason).toBe('session_length');
    expect(troubles.length).toBeGreaterThan(30);
  });

  it('does not wait for a look that takes too long', async () => {
    const hangs = (): Promise<never> => new Promise(() => undefined);
    const { after, reason } = await endOf(hangs, { leaseMs: 30_000 });
    expect(reason).toBe('lease_expired');
    expect(after).toBeLessThanOrEqual(31_000);
  });

  it('is spread when a deploy asks older streams to end, and leaves younger ones alone', async () => {
    const opened = new VirtualClock().now();
    const drained = async (at: number): Promise<ConnectionView> => ({
      state: {},
      drain: at < 10_000 ? undefined : { before: opened + 10_000, spreadMs: 12_000 },
    });
    const ends = await Promise.all([0, 0.25, 0.5, 0.99].map((random) => endOf(drained, { random })));
    expect(ends.every(({ reason }) => reason === 'deploy')).toBe(true);
    const times = ends.map(({ after }) => after);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(11_000);
    expect(Math.max(...times)).toBeLessThan(10_000 + 5000 + 20_000);
    const younger = await endOf(drained, { connectedAt: opened + 10_000 });
    expect(younger.reason).toBe('session_length');
  });

  it('is spread as wide as the drain says', async () => {
    const opened = new VirtualClock().now();
    const drained = async (): Promise<ConnectionView> => ({
      state: {},
      drain: { before: opened + 1, spreadMs: 60_000 },
    });
    const ends = await Promise.all([0, 0.99].map((random) => endOf(drained, { random })));
    expect(ends.map(({ reason }) => reason)).toEqual(['deploy', 'deploy']);
    expect(ends[1]!.after - ends[0]!.after).toBeGreaterThan(59_000);
  });

  it('is noted for the limits before the client hears of a deploy, unless the stream ends earlier anyway', async () => {
    const opened = new VirtualClock().now();
    const drained = async (): Promise<ConnectionView> => ({
      state: {},
      drain: { before: opened + 1, spreadMs: 12_000 },
    });
    const deadlines: number[] = [];
    const moveDeadline = async (deadline: number): Promise<void> => void deadlines.push(deadline - opened);
    const { after, reason } = await endOf(drained, { moveDeadline });
    expect(reason).toBe('deploy');
    expect(deadlines).toEqual([after]);
    const ends = { session_length: opened + 8000, deadline: opened + 9000, token_expired: opened + 9000 };
    await expect(endOf(drained, { moveDeadline, ends })).resolves.toMatchObject({ reason: 'session_length' });
    expect(deadlines).toHaveLength(1);
  });

  it('comes for a deploy also when its deadline cannot be moved', async () => {
    const opened = new VirtualClock().now();
    const drained = async (): Promise<ConnectionView> => ({
      state: {},
      drain: { before: opened + 1, spreadMs: 12_000 },
    });
    const broken = async (): Promise<never> => {
      throw new Error('throttled');
    };
    const failed = await endOf(drained, { moveDeadline: broken });
    expect(failed.reason).toBe('deploy');
    expect(failed.troubles).toHaveLength(1);
    const hung = await endOf(drained, { moveDeadline: () => new Promise(() => undefined) });
    expect(hung.reason).toBe('deploy');
  });
});
