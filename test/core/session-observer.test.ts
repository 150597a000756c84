import type { Observer } from '../../core/observer.ts';
import { MemoryLog } from './memory-log.ts';
import { open, silentObserver } from './open-session.ts';

/** Runs a session of one minute to its end, and gives what its observer and its transport heard, in their order. */
async function heard(
  cursor: string | undefined,
  write: () => undefined = () => undefined,
): Promise<{ calls: unknown[][]; failure: unknown }> {
  const calls: unknown[][] = [];
  const observer: Observer = {
    ...silentObserver,
    opened: (...facts) => calls.push(['opened', ...facts]),
    resumed: (...facts) => calls.push(['resumed', ...facts]),
    caughtUp: (...facts) => calls.push(['caughtUp', ...facts]),
    told: (...facts) => calls.push(['told', ...facts]),
    ended: (...facts) => calls.push(['ended', ...facts]),
  };
  const { session } = open(new MemoryLog(), write, {
    ...(cursor === undefined ? {} : { cursor }),
    sessionMs: 60_000,
    observer,
    close: (reason) => calls.push(['closed', reason]),
  });
  await session.open();
  const failure = await session.run().then(
    () => undefined,
    (error: unknown) => error,
  );
  return { calls, failure };
}

describe('a session', () => {
  it('tells its observer when it opens and why it ends, and closes its transport', async () => {
    const { calls, failure } = await heard(undefined);
    expect(failure).toBeUndefined();
    expect(calls).toEqual([
      ['opened', 'c1', 'stream', false],
      ['ended', 'c1', 'stream', { reason: 'session_length', afterMs: 60_000, unheardMs: 60_000 }],
      ['closed', 'session_length'],
    ]);
  });

  it('tells its observer what its client was told of its cursor', async () => {
    const { calls } = await heard('not-a-cursor');
    expect(calls[1]).toEqual(['resumed', 'c1', { complete: false, reason: 'unknown_cursor' }]);
  });

  it('closes its transport without a reason when it fails', async () => {
    const broken = new Error('broken');
    const { calls, failure } = await heard(undefined, () => {
      throw broken;
    });
    expect(failure).toBe(broken);
    expect(calls).toEqual([
      ['opened', 'c1', 'stream', false],
      ['ended', 'c1', 'stream', { reason: undefined, afterMs: 0, unheardMs: 0 }],
      ['closed', undefined],
    ]);
  });
});
