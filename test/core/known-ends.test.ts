import { knownEnds } from '../../core/stream/known-ends.ts';

const now = Date.UTC(2026, 0, 1);
const limits = { now, deadline: now + 890_000, tokenExpiresAt: now + 20_000, sessionMs: 300_000 };

describe('the ends that are known when a stream opens', () => {
  it('come as late as they may at the latest', () => {
    expect(knownEnds(limits, () => 0)).toEqual({
      session_length: now + 300_000,
      deadline: now + 890_000,
      token_expired: now + 20_000,
    });
  });

  it('are spread over a tenth of the time, and over 5 s where a client cannot wait for more', () => {
    expect(knownEnds(limits, () => 1)).toEqual({
      session_length: now + 270_000,
      deadline: now + 885_000,
      token_expired: now + 18_000,
    });
  });

  it('each take a chance of their own', () => {
    const chances = [0.1, 0.2, 0.3];
    const ends = knownEnds({ ...limits, tokenExpiresAt: now + 890_000 }, () => chances.shift()!);
    expect(ends.deadline).not.toBe(ends.token_expired);
  });
});
