import { jest } from '@jest/globals';
import { IssuerUnavailable, KeyNotKnownYet } from '../../lambdas/shared/auth/key-set.ts';
import { logObserver } from '../../lambdas/shared/runtime/log-observer.ts';

/** The lines that something logs, each with its level. */
function linesOf(act: () => void): [level: string, line: unknown][] {
  const lines: [string, unknown][] = [];
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    jest.spyOn(console, level).mockImplementation((line: unknown) => lines.push([level, line]));
  }
  act();
  jest.restoreAllMocks();
  return lines;
}

describe('the log', () => {
  it('tells why a stream has ended, and after how many seconds', () => {
    expect(linesOf(() => logObserver.ended('c1', 'revoked', 1500))).toEqual([
      ['info', { message: 'session ended', reason: 'revoked', connection: 'c1', seconds: 1.5 }],
    ]);
  });

  it('tells only those who look closely what goes as it should', () => {
    const lines = linesOf(() => {
      logObserver.opened('c1');
      logObserver.resumed('c1', { complete: true });
      logObserver.appended('acme', 3);
    });
    expect(lines).toEqual([
      ['debug', { message: 'session opened', connection: 'c1' }],
      ['debug', { message: 'session resumed', connection: 'c1', complete: true }],
      ['debug', { message: 'changes appended', workspace: 'acme', changes: 3 }],
    ]);
  });

  it('counts trouble by whether it passes', () => {
    const unavailable = new IssuerUnavailable('no keys', 5);
    expect(linesOf(() => logObserver.trouble('the issuer', unavailable, { first: '1' }))).toEqual([
      ['warn', { message: 'the issuer', trouble: 'passing', first: '1', error: unavailable }],
    ]);
  });

  it('counts no trouble where somebody sends a token with an unknown key', () => {
    expect(linesOf(() => logObserver.trouble('trouble', new KeyNotKnownYet('unknown key', 5)))).toEqual([
      ['info', { message: 'unknown key' }],
    ]);
  });
});
