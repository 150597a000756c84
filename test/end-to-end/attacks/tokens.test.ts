import { createHmac } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { sendRaw } from '../raw-request.ts';
import type { KeyServer } from './key-server.ts';
import { code, encode, refusal, TokenAttack } from './token-attack.ts';

let attack: TokenAttack;
let issuer: KeyServer;
beforeAll(async () => {
  attack = await TokenAttack.start();
  ({ issuer } = attack);
});
afterAll(() => attack.close());

const now = Math.floor(Date.now() / 1000);

/** An unsigned token, or one with a signature of the test's own making. */
const unsigned = (header: unknown, payload: unknown, signature = ''): string =>
  `${encode(header)}.${encode(payload)}.${signature}`;

function hmac(header: object, secret: string | Buffer): string {
  const text = `${encode(header)}.${encode(issuer.claims({ groups: ['admin'] }))}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

it('a token that is good in every way is let in, by either kind of key', async () => {
  for (const key of Object.values(issuer.keys)) {
    const token = await issuer.sign(issuer.claims(), {}, key);
    const { tasks, stream, stats } = await attack.answers(token);
    expect([tasks!.slice(0, 3), stream!.slice(0, 3), stats]).toEqual(['200', '200', '403 forbidden']);
  }
});

describe('a token is refused at once, on the API and on the stream', () => {
  it.each<[string, string, () => string | Promise<string>]>([
    [
      'signed by another key under our key id',
      'token_invalid',
      async () => {
        const { privateKey, publicKey } = await generateKeyPair('ES256');
        return issuer.sign(issuer.claims(), {}, { ...issuer.keys.ES256, privateKey, publicKey });
      },
    ],
    [
      'with a signature of zeros',
      'token_invalid',
      async () => {
        const [header, payload] = (await issuer.sign(issuer.claims())).split('.');
        return `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`;
      },
    ],
    [
      'with a signature of one byte',
      'token_invalid',
      async () => {
        const [header, payload] = (await issuer.sign(issuer.claims())).split('.');
        return `${header}.${payload}.AA`;
      },
    ],
    [
      'with the payload of another',
      'token_invalid',
      async () => {
        const [header, , signature] = (await issuer.sign(issuer.claims())).split('.');
        return `${header}.${encode(issuer.claims({ groups: ['admin'] }))}.${signature}`;
      },
    ],
    [
      'with the header of another',
      'token_invalid',
      async () => {
        const [, payload, signature] = (await issuer.sign(issuer.claims())).split('.');
        return `${encode({ alg: 'RS256', kid: 'test-RS256' })}.${payload}.${signature}`;
      },
    ],
    [
      'with its parts swapped',
      'token_invalid',
      async () => {
        const [header, payload, signature] = (await issuer.sign(issuer.claims())).split('.');
        return `${payload}.${header}.${signature}`;
      },
    ],
    [
      'of alg HS256 with the PEM of the RSA key',
      'token_invalid',
      async () => hmac({ alg: 'HS256', kid: 'test-RS256' }, await exportSPKI(issuer.keys.RS256.publicKey)),
    ],
    [
      'of alg HS256 with the DER of the RSA key',
      'token_invalid',
      async () => {
        const pem = await exportSPKI(issuer.keys.RS256.publicKey);
        const der = Buffer.from(pem.replaceAll(/-----.*?-----|\s/g, ''), 'base64');
        return hmac({ alg: 'HS256', kid: 'test-RS256' }, der);
      },
    ],
    [
      'of alg HS256 with the modulus of the RSA key',
      'token_invalid',
      async () => {
        const { n = '' } = await exportJWK(issuer.keys.RS256.publicKey);
        return hmac({ alg: 'HS256', kid: 'test-RS256' }, Buffer.from(n, 'base64url'));
      },
    ],
    [
      'of alg HS256 with an empty secret',
      'token_invalid',
      () => hmac({ alg: 'HS256', kid: 'test-RS256' }, ''),
    ],
    [
      'of alg RS256 with the MAC of the RSA key',
      'token_invalid',
      async () => hmac({ alg: 'RS256', kid: 'test-RS256' }, await exportSPKI(issuer.keys.RS256.publicKey)),
    ],
    ['of alg RS256 with the EC key', 'token_invalid', () => hmac({ alg: 'RS256', kid: 'test-ES256' }, '')],
    ['of alg ES256 with the RSA key', 'token_invalid', () => hmac({ alg: 'ES256', kid: 'test-RS256' }, '')],
    ...[
      'none',
      'None',
      'NONE',
      'nOnE',
      ' none',
      'none\u0000',
      '',
      'HS256',
      'RS1',
      'dir',
      'ES256K',
      '__proto__',
    ].flatMap(
      (alg) =>
        [
          [
            `of alg ${JSON.stringify(alg)}`,
            'token_invalid',
            () => unsigned({ alg, kid: 'test-ES256' }, issuer.claims(), 'AA'),
          ],
          [
            `of alg ${JSON.stringify(alg)} without signature`,
            'token_malformed',
            () => unsigned({ alg, kid: 'test-ES256' }, issuer.claims()),
          ],
        ] as [string, string, () => string][],
    ),
    ['without alg', 'token_invalid', () => unsigned({ kid: 'test-ES256' }, issuer.claims(), 'AA')],
    [
      'with a list as alg',
      'token_malformed',
      () => unsigned({ alg: ['ES256'], kid: 'test-ES256' }, issuer.claims(), 'AA'),
    ],
    ...[
      '../../../dev/null',
      '/etc/passwd',
      "' OR 1=1 --",
      'test-ES256\u0000',
      'x'.repeat(4000),
      '__proto__',
      '',
      '{issuer}/keys',
    ].map(
      (kid) =>
        [
          `of the key ${kid.slice(0, 20)}`,
          'token_invalid',
          () => issuer.sign(issuer.claims(), { kid: kid.replace('{issuer}', issuer.url) }),
        ] as [string, string, () => Promise<string>],
    ),
    ['without a key id', 'token_invalid', () => unsigned({ alg: 'ES256' }, issuer.claims(), 'AA')],
    [
      'with a number as key id',
      'token_malformed',
      () => unsigned({ alg: 'ES256', kid: 7 }, issuer.claims(), 'AA'),
    ],
    ['of another issuer', 'token_invalid', () => issuer.sign(issuer.claims({ iss: 'https://evil.example' }))],
    [
      'of an issuer that only begins alike',
      'token_invalid',
      () => issuer.sign(issuer.claims({ iss: `${String(issuer.claims()['iss'])}.evil.example` })),
    ],
    [
      'of a list of issuers',
      'token_malformed',
      () => issuer.sign(issuer.claims({ iss: [issuer.claims()['iss']] })),
    ],
    ['of no issuer', 'token_invalid', () => issuer.sign(issuer.claims({ iss: undefined }))],
    ['for another audience', 'token_invalid', () => issuer.sign(issuer.claims({ aud: 'taskwire-local-2' }))],
    ['for no audience', 'token_invalid', () => issuer.sign(issuer.claims({ aud: undefined }))],
    ['for an empty list of audiences', 'token_invalid', () => issuer.sign(issuer.claims({ aud: [] }))],
    [
      'for an object as audience',
      'token_malformed',
      () => issuer.sign(issuer.claims({ aud: { 0: 'taskwire-local' } })),
    ],
    ['that has expired', 'token_expired', () => issuer.sign(issuer.claims({ exp: now - 1 }))],
    ['that expired at the beginning of time', 'token_expired', () => issuer.sign(issuer.claims({ exp: 0 }))],
    ['that expired before any date', 'token_invalid', () => issuer.sign(issuer.claims({ exp: -1e300 }))],
    ['without expiry', 'token_unusable', () => issuer.sign(issuer.claims({ exp: undefined }))],
    ['with a text as expiry', 'token_malformed', () => issuer.sign(issuer.claims({ exp: String(now + 60) }))],
    ['with null as expiry', 'token_malformed', () => issuer.sign(issuer.claims({ exp: null }))],
    [
      'with an expiry beyond all numbers',
      'token_malformed',
      () => issuer.sign(JSON.stringify(issuer.claims({ exp: 7 })).replace('"exp":7', '"exp":1e999')),
    ],
    ['not valid yet', 'token_invalid', () => issuer.sign(issuer.claims({ nbf: now + 600 }))],
    ['not valid before any date', 'token_invalid', () => issuer.sign(issuer.claims({ nbf: 1e300 }))],
    ['with a text as nbf', 'token_malformed', () => issuer.sign(issuer.claims({ nbf: '0' }))],
    [
      'of 8,193 characters',
      'token_malformed',
      async () => {
        const token = await issuer.sign(issuer.claims());
        return token + 'A'.repeat(8193 - token.length);
      },
    ],
    [
      'cut off',
      'token_malformed',
      async () => (await issuer.sign(issuer.claims())).split('.').slice(0, 2).join('.'),
    ],
    ['cut short', 'token_invalid', async () => (await issuer.sign(issuer.claims())).slice(0, -6)],
    ['of four parts', 'token_malformed', async () => `${await issuer.sign(issuer.claims())}.AA`],
    [
      'of five parts, as if encrypted',
      'token_malformed',
      () => `${encode({ alg: 'dir', enc: 'A256GCM' })}..AA.AA.AA`,
    ],
    ['of dots', 'token_malformed', () => '..'],
    ['of one dot more', 'token_malformed', async () => `.${await issuer.sign(issuer.claims())}`],
    ['with a header that is a list', 'token_malformed', () => unsigned([], issuer.claims(), 'AA')],
    ['with a payload that is a list', 'token_malformed', () => issuer.sign('[]')],
    ['with a payload that is null', 'token_malformed', () => issuer.sign('null')],
    ['with a payload that is no JSON', 'token_malformed', () => issuer.sign('{')],
    [
      'with characters outside of base64url',
      'token_malformed',
      async () => (await issuer.sign(issuer.claims())).replace('.', '+/.'),
    ],
    ['with a user that is a number', 'token_malformed', () => issuer.sign(issuer.claims({ sub: 7 }))],
    ['with a user that is a list', 'token_malformed', () => issuer.sign(issuer.claims({ sub: ['alice'] }))],
    ...['', ' ', 'a b', 'a\nb', 'a\u0000', 'ä', '😀', 'x'.repeat(129), undefined].map(
      (sub) =>
        [
          `with the user ${JSON.stringify(sub)?.slice(0, 20)}`,
          'token_unusable',
          () => issuer.sign(issuer.claims({ sub })),
        ] as [string, string, () => Promise<string>],
    ),
    ...[
      '',
      'a#b',
      'a/b',
      'a b',
      '../a',
      'ä',
      '😀',
      'attack#counter',
      'attack\n',
      'x'.repeat(65),
      7,
      true,
      null,
      ['attack'],
      { S: 'attack' },
    ].map(
      (workspace) =>
        [
          `with the workspace ${JSON.stringify(workspace).slice(0, 20)}`,
          'token_unusable',
          () => issuer.sign(issuer.claims({ workspace })),
        ] as [string, string, () => Promise<string>],
    ),
  ])('%s: %s', async (_, fault, make) => {
    const token = await make();
    expect(await attack.answers(token)).toEqual(refusal(fault));
  });

  it('with characters that are not ASCII: token_malformed', async () => {
    const token = `${await issuer.sign(issuer.claims())}ü`;
    const target = `/sse/connect?token=${encodeURIComponent(token)}`;
    expect(code(await sendRaw(attack.stack.local.url, { target }))).toBe('401 token_malformed');
    const headers = [['authorization', `Bearer ${token}`] as const];
    expect(code(await sendRaw(attack.stack.local.url, { target: '/tasks', headers }))).toBe(
      '401 token_malformed',
    );
  });

  it('with a payload of 2,500 levels: as malformed or unusable, by how deep the parser goes', async () => {
    const [begin, end] = JSON.stringify(issuer.claims({ workspace: 'deep' })).split('"deep"');
    const token = await issuer.sign(`${begin}${'['.repeat(2500)}${']'.repeat(2500)}${end}`);
    for (const answer of Object.values(await attack.answers(token))) {
      expect(answer).toMatch(/^401 token_(malformed|unusable)$/);
    }
  });

  it('of 1 MB: not even read', async () => {
    const headers = [['authorization', `Bearer ${'A'.repeat(1024 * 1024)}`] as const];
    for (const target of ['/tasks', '/sse/connect']) {
      // The gateway refuses it before all of it has come; the client may learn of it by a broken connection only.
      const end = await sendRaw(attack.stack.local.url, { target, headers }).then(
        ({ status }) => String(status),
        (error: NodeJS.ErrnoException) => String(error.code),
      );
      expect(end).toMatch(/^(431|EPIPE|ECONNRESET)$/);
    }
  });
});
