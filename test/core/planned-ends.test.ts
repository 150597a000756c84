import { expiresTooSoon, plannedEnds } from '../../core/session/planned-ends.ts';

const now = Date.UTC(2026, 0, 1);
const limits = { now, deadline: now + 890_000, tokenExpiresAt: now + 20_000, sessionMs: 300_000 };

describe('the ends that are known when a stream opens', () => {
  it('never come later than they may', () => {
    expect(plannedEnds(limits, () => 0)).toEqual({
      session_length: now + 300_000,
      deadline: now + 890_000,
      token_expired: now + 20_000,
    });
  });

  it('are spread over a quarter of the session, and over 5 s where a client cannot wait for more', () => {
    expect(plannedEnds(limits, () => 1)).toEqual({
      session_length: now + 225_000,
      deadline: now + 885_000,
      token_expired: now + 18_000,
    });
  });

  it('leave no time for another stream to a client whose expired token has just ended one', () => {
    for (const chance of [0, 0.5, 0.999]) {
      const { token_expired: end } = plannedEnds({ ...limits, tokenExpiresAt: now + 300_000 }, () => chance);
      expect(expiresTooSoon(now + 300_000, end)).toBe(true);
    }
    expect(expiresTooSoon(now + 5001, now)).toBe(false);
  });

  it('each take a chance of their own', () => {
    const chances = [0.1, 0.2, 0.3];
    const ends = plannedEnds({ ...limits, tokenExpiresAt: now + 890_000 }, () => chances.shift()!);
    expect(ends.deadline).not.toBe(ends.token_expired);
  });
});
