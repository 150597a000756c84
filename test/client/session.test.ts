import { jest } from '@jest/globals';
import { RequestRefused, ServerUnreachable } from '../../client/http/request.ts';
import type { ScriptedTransport } from './scripted-transport.ts';
import { closedTransport, scriptedSession } from './scripted-transport.ts';

const refused = (status: number, code: string, retryAfterMs?: number): RequestRefused =>
  new RequestRefused({ status, code, message: code, retryAfterMs });

/** Lets all that is due happen, and so many milliseconds go by. */
const pass = (milliseconds = 0): Promise<void> => jest.advanceTimersByTimeAsync(milliseconds);

/** A session that has been opened. */
async function opened(
  ...options: Parameters<typeof scriptedSession>
): Promise<ReturnType<typeof scriptedSession>> {
  const sample = scriptedSession(...options);
  sample.session.open();
  await pass();
  return sample;
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('a session', () => {
  it('is connecting, then live, and asks for the state once', async () => {
    const sample = await opened();
    sample.last.establish();
    expect(sample.statuses.map(({ state }) => state)).toEqual(['connecting', 'live']);
    expect(sample.reloads).toEqual(['started']);
  });

  it('that begins at a cursor asks for the state only when it cannot go on from there', async () => {
    const sample = await opened('token', { cursor: 'c5' });
    expect(sample.last.cursor).toBe('c5');
    sample.last.establish('c5');
    sample.last.frame('resume', 'c5', { complete: true });
    expect(sample.reloads).toEqual([]);
    sample.last.frame('resume', 'c9', { complete: false, reason: 'resync' });
    expect(sample.reloads).toEqual(['resync']);
  });

  it('goes on after its last frame when it is lost, after a wait that grows to half a minute at the most', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.999_999);
    const sample = await opened();
    sample.last.establish('c1');
    sample.last.event('c2');
    sample.last.end();
    expect(sample.status).toMatchObject({ state: 'recovering', reason: 'lost' });
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const { length } = sample.transports;
      let waited = 0;
      for (; sample.transports.length === length; waited += 500) await pass(500);
      waits.push(waited);
      expect(sample.last.cursor).toBe('c2');
      sample.last.end({ error: new ServerUnreachable('nobody') });
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(sample.status).toMatchObject({ state: 'recovering', reason: 'unreachable' });
    jest.restoreAllMocks();
  });

  it('waits as long as the server asks: `retry:` after an end, `Retry-After` of a refusal', async () => {
    const sample = await opened();
    sample.last.establish('c1');
    sample.last.frame('end', 'c1.after', { reason: 'session_length', reconnect: true });
    sample.last.end({ retryMs: 1234 });
    await pass(1233);
    expect(sample.transports).toHaveLength(1);
    await pass(1);
    expect(sample.transports).toHaveLength(2);
    expect(sample.last.cursor).toBe('c1.after');

    sample.last.end({ error: refused(429, 'user_limit', 60_000) });
    expect(sample.status).toMatchObject({ state: 'recovering', reason: 'user_limit' });
    await pass(59_999);
    expect(sample.transports).toHaveLength(2);
    await pass(1);
    expect(sample.transports).toHaveLength(3);
  });

  it.each([
    [400, 'invalid_parameter'],
    [403, 'forbidden'],
    [404, 'not_found'],
  ])('is denied what is %i %s, and tries it again only when it is told to', async (status, code) => {
    const sample = await opened();
    sample.last.end({ error: refused(status, code) });
    expect(sample.status).toEqual({ state: 'denied', reason: code, message: code });
    await pass(3600_000);
    expect(sample.transports).toHaveLength(1);
    sample.session.open();
    await pass();
    expect(sample.transports).toHaveLength(2);
  });

  it.each(['disconnected', 'connection_limit', 'ended_by_admin', 'revoked', 'something_new'])(
    'is over after the end %s, where the server wants no more of it',
    async (reason) => {
      const sample = scriptedSession();
      sample.session.open();
      await pass();
      sample.last.establish();
      sample.last.frame('end', 'c0.end', { reason, reconnect: false });
      sample.last.end({ retryMs: 10 });
      await pass(3600_000);
      expect(sample.status).toMatchObject({ state: 'denied', reason, message: expect.any(String) });
      expect(sample.transports).toHaveLength(1);
    },
  );
});

describe('the token of a session', () => {
  it('is asked for again when the server refuses it, and which one that was', async () => {
    const asked: Array<string | undefined> = [];
    const sample = scriptedSession(({ refused: before }) => {
      asked.push(before);
      return before === undefined ? 'old' : 'new';
    });
    sample.session.open();
    await pass();
    sample.last.end({ error: refused(401, 'token_expired') });
    await pass();
    expect(asked).toEqual([undefined, 'old']);
    expect(sample.last.token).toBe('new');
    expect(sample.status.state).toBe('connecting');
  });

  it('that is a text, and refused, is the end', async () => {
    const sample = await opened('old');
    sample.last.end({ error: refused(401, 'token_invalid') });
    await pass();
    expect(sample.status).toMatchObject({ state: 'denied', reason: 'token_invalid' });
    expect(sample.transports).toHaveLength(1);
  });

  it('may be given again for some seconds by a function that does not know that it has expired', async () => {
    let token = 'old';
    const sample = await opened(() => token);
    sample.last.establish();
    sample.last.frame('end', 'c0', { reason: 'token_expired', reconnect: false });
    await pass(1000);
    expect(sample.status).toMatchObject({ state: 'recovering', reason: 'token_expired' });
    token = 'new';
    await pass(60_000);
    expect(sample.last.token).toBe('new');
  });

  it('that is given again and again though it was refused, or refused whatever it is, is the end', async () => {
    const same = scriptedSession(() => 'old');
    same.session.open();
    await pass();
    same.last.end({ error: refused(401, 'token_invalid') });
    await pass(120_000);
    expect(same.status).toMatchObject({ state: 'denied', reason: 'token_invalid' });
    expect(same.transports).toHaveLength(1);

    let count = 0;
    const others = scriptedSession(() => `token ${(count += 1)}`);
    others.session.open();
    for (let attempt = 0; attempt < 20; attempt += 1) {
      await pass(60_000);
      if (!others.last.isClosed) others.last.end({ error: refused(401, 'token_invalid') });
    }
    expect(others.status).toMatchObject({ state: 'denied', reason: 'token_invalid' });
    expect(others.transports).toHaveLength(3);
  });

  it('that cannot be had now is asked for later, and one that is not to be had any more is the end', async () => {
    let answer: () => string = () => {
      throw new Error('the issuer is away');
    };
    const sample = scriptedSession(() => answer());
    sample.session.open();
    await pass(10_000);
    expect(sample.status).toMatchObject({ state: 'connecting', message: 'the issuer is away' });
    answer = () => {
      throw refused(401, 'signed_out');
    };
    await pass(60_000);
    expect(sample.status).toMatchObject({ state: 'denied', reason: 'signed_out' });
  });

  it('that expires is replaced before its stream ends: nobody is without one', async () => {
    const sample = await opened(({ refused: before }) => (before === undefined ? 'old' : 'new'));
    const first = sample.last;
    first.establish('c1');
    first.event('c2');
    first.frame('handover', 'c2', { reason: 'token_expired', endsAt: '2026-01-01T00:00:05.000Z' });
    await pass();
    expect(sample.last).toMatchObject({ token: 'new', cursor: 'c2' });
    first.event('c3');
    sample.last.establish('c2');
    sample.last.event('c3');
    sample.last.event('c4');
    expect(first.isClosed).toBe(true);
    expect(sample.told).toEqual(['c2', 'c3', 'c4']);
    expect(new Set(sample.statuses.map(({ state }) => state))).toEqual(new Set(['connecting', 'live']));
  });

  it('is not at fault when a ticket of it expires', async () => {
    const asked: Array<string | undefined> = [];
    const provider = ({ refused: before }: { refused?: string }): string => {
      asked.push(before);
      return 'good';
    };
    const sample = await opened(provider, { isByToken: false });
    sample.last.establish();
    sample.last.frame('end', 'c0', { reason: 'token_expired', reconnect: false });
    await pass();
    expect(sample.transports).toHaveLength(2);
    expect(asked).toEqual([undefined, undefined]);
  });
});

describe('a session that hands over', () => {
  it('goes on with the next one when the old one ends first', async () => {
    const sample = await opened();
    const first = sample.last;
    first.establish('c1');
    first.frame('handover', 'c1', { reason: 'session_length', endsAt: '' });
    await pass();
    first.frame('end', 'c1', { reason: 'session_length', reconnect: true });
    first.end({ retryMs: 1000 });
    expect(sample.status).toMatchObject({ state: 'recovering', reason: 'session_length' });
    sample.last.establish('c1');
    expect(sample.status).toEqual({ state: 'live' });
    await pass(60_000);
    expect(sample.transports).toHaveLength(2);
  });

  it('tries again after the end when the next one is refused', async () => {
    const sample = await opened();
    const first = sample.last;
    first.establish('c1');
    first.frame('handover', 'c1', { reason: 'session_length', endsAt: '' });
    await pass();
    sample.last.end({ error: refused(503, 'unavailable') });
    first.event('c2');
    first.frame('end', 'c2', { reason: 'session_length', reconnect: true });
    first.end({ retryMs: 10 });
    await pass(10);
    expect(sample.transports).toHaveLength(3);
    expect(sample.last.cursor).toBe('c2');
  });
});

describe('a session that has gone silent', () => {
  it('is replaced at the next look, tells the server, and goes on after its last frame', async () => {
    const sample = await opened();
    const first = sample.last;
    first.establish('c1');
    first.event('c2');
    first.dead = true;
    await pass(2000);
    expect(sample.statuses.at(-1)).toMatchObject({ state: 'recovering', reason: 'silent' });
    expect(first.isClosed).toBe(true);
    expect(sample.left).toEqual([['at c1', 'token']]);
    expect(sample.last.cursor).toBe('c2');
    sample.last.establish('c2');
    expect(sample.status).toEqual({ state: 'live' });
  });
});

describe('a session that is paused', () => {
  it('says goodbye, tries nothing, and goes on after its last frame when it is opened again', async () => {
    const sample = await opened();
    sample.last.establish('c1');
    sample.last.event('c2');
    sample.session.pause({ state: 'offline', reason: 'paused' });
    expect(sample.left).toEqual([['at c1', 'token']]);
    expect(sample.status).toEqual({ state: 'offline', reason: 'paused' });
    await pass(3600_000);
    expect(sample.transports).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
    sample.session.open();
    await pass();
    expect(sample.last.cursor).toBe('c2');
  });

  it('while it waits for another attempt, or for a token, opens nothing after it', async () => {
    const token = Promise.withResolvers<string>();
    const sample = await opened(() => token.promise);
    sample.session.pause({ state: 'offline', reason: 'paused' });
    token.resolve('late');
    await pass(3600_000);
    expect(sample.transports).toEqual([]);
  });
});

describe('a session that is paused by whoever hears of something', () => {
  /** All that can befall it, in one life. */
  const life = async ({ session, transports }: ReturnType<typeof scriptedSession>): Promise<void> => {
    const last = (): ScriptedTransport => transports.at(-1) ?? closedTransport();
    session.open();
    await pass();
    last().end({ error: refused(503, 'unavailable') });
    await pass(60_000);
    last().establish('c1');
    last().event('c2');
    last().frame('resume', 'c2', { complete: false, reason: 'resync' });
    last().frame('handover', 'c2', { reason: 'session_length', endsAt: '' });
    await pass();
    last().establish('c2');
    last().end();
    await pass(60_000);
    last().establish('c2');
    last().dead = true;
    await pass(2000);
    last().establish('c2');
    last().frame('end', 'c2', { reason: 'deploy', reconnect: true });
    last().end({ retryMs: 100 });
    await pass(60_000);
  };

  it('opens nothing after it, whatever that was', async () => {
    let moments = Infinity;
    for (let moment = 1; moment <= moments; moment += 1) {
      let told = 0;
      const sample = scriptedSession(() => 'token', {
        onTold: () => {
          told += 1;
          if (told === moment) sample.session.pause({ state: 'offline', reason: 'paused' });
        },
      });
      await life(sample);
      if (told < moment) {
        moments = told;
        sample.session.pause({ state: 'offline', reason: 'paused' });
      }
      await pass(3600_000);
      expect([moment, sample.status]).toEqual([moment, { state: 'offline', reason: 'paused' }]);
      expect(jest.getTimerCount()).toBe(0);
      expect(sample.transports.every(({ isClosed }) => isClosed)).toBe(true);
    }
    expect(moments).toBeGreaterThan(15);
  });
});

describe('an EventSource that comes back by itself', () => {
  it('is recovering meanwhile, says why, and tells nothing twice', async () => {
    const sample = await opened('token', { isByToken: false });
    sample.last.establish('c1');
    sample.last.frame('end', 'c1', { reason: 'session_length', reconnect: true });
    sample.last.interrupt();
    expect(sample.status).toMatchObject({ state: 'recovering', reason: 'session_length' });
    sample.last.establish('c1');
    expect(sample.status).toEqual({ state: 'live' });
    sample.last.interrupt();
    expect(sample.status).toMatchObject({ state: 'recovering', reason: 'lost' });
    await pass(60_000);
    expect(sample.transports).toHaveLength(1);
  });
});
