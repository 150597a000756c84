import { createHmac } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { sendRaw } from '../raw-request.ts';
import type { KeyServer } from './key-server.ts';
import { code, encode, expectKeptOut, refusal, TokenAttack } from './token-attack.ts';

/** An unsigned token, or one with a signature of the test's own making. */
const unsigned = (header: unknown, payload: unknown, signature = ''): string =>
  `${encode(header)}.${encode(payload)}.${signature}`;

describe.each(['off', 'on'] as const)(
  'with the edge %s, a token is refused at once, on the API and on the stream',
  (edge) => {
    let attack: TokenAttack;
    let issuer: KeyServer;
    beforeAll(async () => {
      attack = await TokenAttack.start(edge);
      ({ issuer } = attack);
    });
    afterAll(() => attack.close());

    function hmac(header: object, secret: string | Buffer): string {
      const text = `${encode(header)}.${encode(issuer.claims({ groups: ['admin'] }))}`;
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
    }

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
      [
        'with a number as key id',
        'token_malformed',
        () => unsigned({ alg: 'ES256', kid: 7 }, issuer.claims(), 'AA'),
      ],
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
      [
        'with characters outside of base64url',
        'token_malformed',
        async () => (await issuer.sign(issuer.claims())).replace('.', '+/.'),
      ],
    ])('%s: %s', async (_, fault, make) => {
      expect(await attack.answers(await make())).toEqual(refusal(fault));
    });

    it.each(
      [
        '../../../dev/null',
        '/etc/passwd',
        "' OR 1=1 --",
        'test-ES256\u0000',
        'x'.repeat(4000),
        '__proto__',
        '',
        '{issuer}/keys',
        undefined,
      ].map((kid) => [JSON.stringify(kid)?.slice(0, 20), kid] as const),
    )('of a key that nobody knows: %s', async (_, kid) => {
      const named = { kid: kid?.replace('{issuer}', issuer.url) };
      expectKeptOut(await attack.answers(await issuer.sign(issuer.claims(), named)));
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
  },
);
