import { Liveness, openingAfterSilence } from '../../client/connection/liveness.ts';

const second = 1000;

/** A connection that is being opened, and the two clocks of its page. */
function sample(openingMs?: number) {
  const clocks = { now: Date.parse('2026-01-01T00:00:00Z'), monotonic: 0 };
  const liveness = new Liveness({ now: () => clocks.now, monotonic: () => clocks.monotonic }, openingMs);
  const pass = (milliseconds: number): void => {
    clocks.now += milliseconds;
    clocks.monotonic += milliseconds;
  };
  /** A frame by the server's clock, which has nothing to do with the page's. */
  const ping = (serverSeconds: number, isFirst = false): void =>
    liveness.heardPing(new Date(serverSeconds * second).toISOString(), isFirst);
  return { clocks, liveness, pass, ping };
}

describe('a connection', () => {
  it('is silent after two pings that did not come, and doubtful after one', () => {
    const { liveness, pass, ping } = sample();
    ping(0, true);
    pass(20 * second);
    expect(liveness.isDoubtful).toBe(false);
    pass(1);
    expect(liveness.isDoubtful).toBe(true);
    pass(15 * second - 1);
    expect(liveness.isSilent).toBe(false);
    pass(1);
    expect(liveness.isSilent).toBe(true);
  });

  it.each([
    ['every second', 1, 7],
    ['every 10 seconds', 10, 25],
    ['every 25 seconds, the most that a stage may set', 25, 55],
  ])('with pings %s is held to that', (_, interval, limit) => {
    const { liveness, pass, ping } = sample();
    for (let count = 0; count < 4; count += 1) {
      ping(count * interval, count === 0);
      expect(liveness.isSilent).toBe(false);
      pass(interval * second);
      expect(liveness.isSilent).toBe(false);
    }
    pass((limit - interval) * second);
    expect(liveness.isSilent).toBe(false);
    pass(1);
    expect(liveness.isSilent).toBe(true);
  });

  it('is not given more time because one ping was late, nor because it has been away', () => {
    const { liveness, pass, ping } = sample();
    for (const at of [0, 15, 55]) ping(at, at === 0);
    pass(35 * second + 1);
    expect(liveness.isSilent).toBe(true);
    ping(600, true);
    pass(35 * second);
    expect(liveness.isSilent).toBe(false);
    pass(1);
    expect(liveness.isSilent).toBe(true);
  });

  it('is alive by any frame', () => {
    const { liveness, pass, ping } = sample();
    ping(0, true);
    for (let count = 0; count < 10; count += 1) {
      pass(30 * second);
      liveness.heard();
      expect(liveness.isDoubtful).toBe(false);
    }
  });

  it('is silent after a sleep that only one of the clocks has noticed, and when the clock is set back', () => {
    const slept = sample();
    slept.ping(0, true);
    slept.clocks.now += 60 * second;
    expect(slept.liveness.isSilent).toBe(true);

    const setBack = sample();
    setBack.ping(0, true);
    setBack.clocks.now -= 7200 * second;
    setBack.clocks.monotonic += 36 * second;
    expect(setBack.liveness.isSilent).toBe(true);
  });

  it.each([
    [-1, 30],
    [0, 5],
    [1, 10],
    [2, 20],
    [3, 30],
    [9, 30],
  ])(
    'is opened (%i attempts after a silence, or -1) within %i s, and has 30 more for its first frame',
    (attempts, seconds) => {
      const { liveness, pass } = sample(attempts < 0 ? undefined : openingAfterSilence(attempts));
      pass(seconds * second);
      expect(liveness.isSilent).toBe(false);
      pass(1);
      expect(liveness.isSilent).toBe(true);
      liveness.opened();
      pass(30 * second);
      expect(liveness.isSilent).toBe(false);
      pass(1);
      expect(liveness.isSilent).toBe(true);
    },
  );

  it('that comes back by itself has a minute, or half as much more', () => {
    const { liveness, pass, ping } = sample();
    ping(0, true);
    liveness.lost();
    pass(60 * second - 1);
    expect(liveness.isSilent).toBe(false);
    expect(liveness.isDoubtful).toBe(true);
    pass(30 * second + 1);
    expect(liveness.isSilent).toBe(true);
  });
});
