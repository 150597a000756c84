import type { SignedIn } from '../../client/sign-in/oidc-client.ts';
import { RenewedTokens } from '../../client/sign-in/renewed-tokens.ts';
import { RequestRefused, ServerUnreachable } from '../../client/http/request.ts';

const minute = 60_000;

function token(name: string, expiresAt: number, refreshToken?: string): SignedIn {
  return { idToken: name, expiresAt, claims: {}, refreshToken };
}

/** Tokens from `signedIn` on, with an issuer that answers as told, and what is heard of it. */
function sample(signedIn: SignedIn, answers: readonly (SignedIn | Error)[] = []) {
  const heard = { asked: [] as string[], renewed: [] as string[], ended: [] as string[] };
  const clock = { now: 0 };
  const left = [...answers];
  const tokens = new RenewedTokens({
    signedIn,
    renew: (refreshToken) => {
      heard.asked.push(refreshToken);
      const answer = left.shift() ?? new Error('asked once too often');
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    onRenewed: ({ idToken }) => heard.renewed.push(idToken),
    onEnded: (reason) => heard.ended.push(reason),
    now: () => clock.now,
  });
  return { tokens, heard, clock };
}

describe('the tokens of a user who has signed in', () => {
  it('are used until a minute before their end, then renewed, once for all who ask', async () => {
    const { tokens, heard, clock } = sample(token('a', 60 * minute, 'r1'), [token('b', 120 * minute, 'r2')]);

    clock.now = 59 * minute - 1;
    await expect(tokens.current()).resolves.toBe('a');
    clock.now += 1;
    await expect(Promise.all([tokens.current(), tokens.current()])).resolves.toEqual(['b', 'b']);
    expect(heard).toEqual({ asked: ['r1'], renewed: ['b'], ended: [] });
  });

  it('are renewed when one is refused, with the refresh token of the last renewal', async () => {
    const { tokens, heard } = sample(token('a', 60 * minute, 'r1'), [
      token('b', 60 * minute, 'r2'),
      token('c', 60 * minute, 'r3'),
    ]);

    await expect(tokens.current({ refused: 'a' })).resolves.toBe('b');
    await expect(tokens.current({ refused: 'a' })).resolves.toBe('b');
    await expect(tokens.current({ refused: 'b' })).resolves.toBe('c');
    expect(heard.asked).toEqual(['r1', 'r2']);
  });

  it('serve to their end while the issuer is away, and are asked for again after it', async () => {
    const away = new ServerUnreachable('away');
    const { tokens, heard, clock } = sample(token('a', minute, 'r1'), [
      away,
      away,
      token('b', 60 * minute, 'r2'),
    ]);

    await expect(tokens.current()).resolves.toBe('a');
    clock.now = minute;
    await expect(tokens.current()).rejects.toBe(away);
    await expect(tokens.current()).resolves.toBe('b');
    expect(heard.ended).toEqual([]);
  });

  it('end with the word of the issuer', async () => {
    const refused = new RequestRefused({ status: 400, code: 'sign_in_refused', message: 'invalid_grant' });
    const { tokens, heard, clock } = sample(token('a', minute, 'r1'), [refused]);

    clock.now = minute;
    await expect(tokens.current()).rejects.toBe(refused);
    expect(heard.ended).toEqual(['invalid_grant']);
  });

  it('end by themselves where the issuer renews none, and not before', async () => {
    const { tokens, heard, clock } = sample(token('a', minute));

    clock.now = minute - 1;
    await expect(tokens.current()).resolves.toBe('a');
    clock.now = minute;
    await expect(tokens.current()).rejects.toThrow('The issuer renews no sign-in.');
    expect(heard.ended).toEqual(['The issuer renews no sign-in.']);
  });
});
