import { exportJWK, generateKeyPair } from 'jose';
import { sendRaw } from '../raw-request.ts';
import type { KeyServer } from './key-server.ts';
import { encode, expectKeptOut, TokenAttack } from './token-attack.ts';

let attack: TokenAttack;
let issuer: KeyServer;
beforeAll(async () => {
  attack = await TokenAttack.start();
  ({ issuer } = attack);
});
afterAll(() => attack.close());

describe('a claim makes nobody an admin but the one that is configured', () => {
  it.each<[unknown]>([
    [['Admin']],
    [['ADMIN']],
    [' admin'],
    ['admin,user'],
    [{ 0: 'admin', length: 1 }],
    [{ includes: 'admin' }],
    [[{ toString: 'admin' }]],
    [{ toString: null, valueOf: null }],
    [[['admin']]],
    [[{ toString: 'admin' }]],
    [{ admin: true }],
    [true],
    [1],
  ])('%j', async (groups) => {
    const { tasks, stats } = await attack.answers(await issuer.sign(issuer.claims({ groups })));
    expect([tasks!.slice(0, 3), stats]).toEqual(['200', '403 forbidden']);
  });

  it.each([
    '{"__proto__":{"groups":["admin"]},',
    '{"constructor":{"prototype":{"groups":["admin"]}},',
    '{"admin":true,"role":"admin","cognito:groups":["admin"],',
    '{"groups":["admin"],"groups":[],',
  ])('%s', async (begin) => {
    const token = await issuer.sign(begin + JSON.stringify(issuer.claims()).slice(1));
    expect((await attack.answers(token))['stats']).toBe('403 forbidden');
  });
});

describe('the issuer', () => {
  it('is asked where its keys are configured, whatever a token says', async () => {
    const evil = `${issuer.url}/evil`;
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'evil' };
    const own = { ...issuer.keys.ES256, privateKey, publicKey };
    for (const kid of ['evil', evil, 'test-ES256']) {
      for (const extra of [
        { jku: evil },
        { x5u: evil },
        { jwk },
        { x5c: ['AA=='] },
        { jku: evil, jwk, x5u: evil },
      ]) {
        const token = await issuer.sign(
          issuer.claims({ iss: issuer.claims()['iss'] }),
          { kid, ...extra },
          own,
        );
        expectKeptOut(await attack.answers(token));
      }
    }
    expect(issuer.asked.filter((path) => path !== '/keys')).toEqual([]);
  });

  /** Sends tokens of so many unknown keys and gives how often that made the functions ask for the keys. */
  async function questions(
    count: number,
  ): Promise<{ asked: number; statuses: Set<number>; seconds: number }> {
    const before = issuer.asked.length;
    const begin = performance.now();
    const token = await issuer.sign(issuer.claims());
    const statuses = new Set<number>();
    for (let sent = 0; sent < count; sent += 20) {
      const batch = Array.from({ length: 20 }, async (_, index) => {
        const header = encode({ alg: 'ES256', kid: `unknown-${count}-${sent + index}` });
        const forged = [header, ...token.split('.').slice(1)].join('.');
        const headers = [['authorization', `Bearer ${forged}`] as const];
        statuses.add((await sendRaw(attack.stack.local.url, { target: '/tasks', headers })).status);
      });
      await Promise.all(batch);
    }
    return { asked: issuer.asked.length - before, statuses, seconds: (performance.now() - begin) / 1000 };
  }

  it('is not asked a thousand times for the keys of a thousand forged tokens', async () => {
    const { asked, statuses, seconds } = await questions(1000);
    // By time and not by tokens: a machine may need minutes for them.
    expect(asked).toBeLessThan(10 + seconds / 5);
    expect([...statuses].filter((status) => status !== 401)).toEqual([503]);
    // Whoever has a key that is known notices nothing of it.
    expect((await attack.answers(await issuer.sign(issuer.claims())))['tasks']).toMatch(/^200/);
  });
});
