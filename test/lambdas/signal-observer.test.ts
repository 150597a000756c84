import { randomUUID } from 'node:crypto';
import type { GaugeObserver, Observer, ProbeObserver } from '../../core/observer.ts';
import { IssuerUnavailable, KeyNotKnownYet } from '../../lambdas/shared/auth/key-set.ts';
import { isSampled, SignalObserver } from '../../lambdas/shared/signals/signal-observer.ts';

/** What something logs and counts, each with the name of the method. */
function signalsOf(
  act: (observer: Observer & ProbeObserver & GaugeObserver) => void,
  samplePercent = 100,
): unknown[][] {
  const signals: unknown[][] = [];
  const note =
    (method: string) =>
    (...values: unknown[]): void => {
      signals.push([method, ...values]);
    };
  act(
    new SignalObserver({
      logger: { info: note('info'), warn: note('warn'), error: note('error') },
      metrics: { count: note('count'), countBy: note('countBy'), measure: note('measure') },
      samplePercent,
    }),
  );
  return signals;
}

describe('the signals of a function', () => {
  it('tell why a connection has ended, after how many seconds, and how long its client was not heard of', () => {
    const ended = { reason: 'revoked', afterMs: 1500, unheardMs: 500 } as const;
    expect(signalsOf((observer) => observer.ended('c1', 'stream', ended))).toEqual([
      ['countBy', 'Ended', 'revoked'],
      ['measure', 'UnheardTime', 0.5],
      [
        'info',
        'session ended',
        { connection: 'c1', transport: 'stream', reason: 'revoked', seconds: 1.5, unheardSeconds: 0.5 },
      ],
    ]);
  });

  it('tell an end that nobody foresaw, and nothing of a client that nobody can know of', () => {
    const ended = { reason: undefined, afterMs: 1500 };
    expect(signalsOf((observer) => observer.ended('c1', 'socket', ended))).toEqual([
      ['countBy', 'Ended', 'failed'],
      ['info', 'session ended', { connection: 'c1', transport: 'socket', reason: 'failed', seconds: 1.5 }],
    ]);
  });

  /** What goes as it should. */
  const steps = (observer: Observer): void => {
    observer.opened('c1', 'stream', false);
    observer.opened('c1', 'stream', true);
    observer.resumed('c1', { complete: true });
    observer.resumed('c1', { complete: false, reason: 'resync' });
    observer.caughtUp('c1', 7, 250);
    observer.told(undefined);
    observer.told(40);
    observer.polled();
    observer.appended('acme', [12, 5]);
    observer.pushed('acme', 3);
    observer.refusedToken('token_expired');
  };

  it('count each step', () => {
    expect(signalsOf(steps, 0)).toEqual([
      ['count', 'Opened'],
      ['count', 'Opened'],
      ['count', 'Followed'],
      ['count', 'ResumesComplete'],
      ['count', 'ResumesIncomplete'],
      ['measure', 'CatchUpTime', 250],
      ['measure', 'CatchUpEvents', 7],
      ['count', 'Events'],
      ['count', 'Events'],
      ['measure', 'WriteToFrame', 40],
      ['count', 'Polls'],
      ['measure', 'ChangesPerBatch', 2],
      ['measure', 'WriteToLog', 12],
      ['measure', 'WriteToLog', 5],
      ['measure', 'SubscribersPerPush', 3],
      ['countBy', 'RefusedTokens', 'token_expired'],
    ]);
  });

  it('log each step of a sample of connections and workspaces', () => {
    const logged = signalsOf(steps).filter(([method]) => method === 'info');
    expect(logged.map(([, message]) => message)).toEqual([
      'session opened',
      'session opened',
      'session resumed',
      'session resumed',
      'session caught up',
      'changes appended',
      'changes pushed',
    ]);
    const names = Array.from({ length: 2000 }, () => randomUUID());
    const share = (percent: number): number => names.filter((name) => isSampled(name, percent)).length;
    expect([share(0), share(100)]).toEqual([0, 2000]);
    // The chance of another outcome is below one in 10 million: it is 10 % with a standard deviation of 0.67 %.
    expect(share(10)).toBeGreaterThan(120);
    expect(share(10)).toBeLessThan(280);
  });

  it('tell of no batch that the log held already', () => {
    expect(signalsOf((observer) => observer.appended('acme', []))).toEqual([]);
  });

  it('count trouble by whether it passes', () => {
    const error = new IssuerUnavailable('no keys', 5);
    expect(signalsOf((observer) => observer.trouble('the issuer', error, { first: '1' }))).toEqual([
      ['warn', 'the issuer', { trouble: 'passing', first: '1', error }],
    ]);
    const other = new Error('oh');
    expect(signalsOf((observer) => observer.trouble('something', other))).toEqual([
      ['error', 'something', { trouble: 'lasting', error: other }],
    ]);
  });

  it('count no trouble where somebody sends a token with an unknown key', () => {
    expect(
      signalsOf((observer) => observer.trouble('trouble', new KeyNotKnownYet('unknown key', 5))),
    ).toEqual([['info', 'unknown key']]);
  });

  it('publish what the gauge has counted', () => {
    expect(signalsOf((observer) => observer.counted({ stream: 7, socket: 0 }))).toEqual([
      ['measure', 'OpenStreams', 7],
      ['measure', 'OpenSockets', 0],
    ]);
  });

  it('measure what the canary met, and tell its failures by no alarm but its own', () => {
    const probe = { writeToAnswerMs: 20, writeToFrameMs: 90, heldChunkMs: 3 };
    expect(signalsOf((observer) => observer.probed(probe))).toEqual([
      ['measure', 'CanaryWriteToAnswer', 20],
      ['measure', 'CanaryWriteToFrame', 90],
      ['measure', 'CanaryHeldChunk', 3],
      ['info', 'canary heard', probe],
    ]);
    const error = new Error('nothing was heard');
    expect(signalsOf((observer) => observer.probeFailed('frame', error))).toEqual([
      ['countBy', 'CanaryFailed', 'frame'],
      // Without `trouble`, which metric filters count.
      ['error', 'canary failed', { fault: 'frame', error }],
    ]);
  });
});
