import { jest } from '@jest/globals';
import type { OidcClient } from '../../client/sign-in/oidc-client.ts';
import { SignIn } from '../../client/sign-in/sign-in.ts';

describe('a sign-in', () => {
  it('renews nothing after the sign-out, and tells nobody that it has ended', async () => {
    const asked: string[] = [];
    const client = {
      renew: (refreshToken: string) => {
        asked.push(`renew ${refreshToken}`);
        return Promise.reject(new Error('the issuer has taken it back'));
      },
      revoke: (refreshToken: string) => {
        asked.push(`revoke ${refreshToken}`);
        return Promise.resolve();
      },
      signOutAddress: () => 'https://issuer.example/sign-out',
    } as unknown as OidcClient;
    const signedIn = { idToken: 'a', expiresAt: Date.now() + 3_600_000, claims: {}, refreshToken: 'r1' };
    const kept = new Map([['taskwire.sign-in', JSON.stringify(signedIn)]]);
    const onEnded = jest.fn();
    const onReturn = jest.fn();
    const signIn = new SignIn({
      client,
      storage: {
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => void kept.set(key, value),
        removeItem: (key) => void kept.delete(key),
      },
      onReturn,
      onEnded,
    });
    const { token } = (await signIn.user(new URLSearchParams()))!;

    expect(await signIn.signOut()).toBe('https://issuer.example/sign-out');
    // A request of before that was refused, and asks for another token.
    if (typeof token !== 'function') throw new Error('the token is not renewed');
    await expect(token({ refused: 'a' })).rejects.toMatchObject({ status: 401 });
    expect(asked).toEqual(['revoke r1']);
    expect(kept.size).toBe(0);
    expect([onEnded, onReturn].map(({ mock }) => mock.calls)).toEqual([[], []]);
  });
});
