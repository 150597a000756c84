import type { TestStack } from '../stack.ts';
import { startWith } from '../synthesized-stack.ts';
import { sendRaw } from '../raw-request.ts';

/** The origins that the stage lists; `{port}` stands for the stack's own. */
const listedOrigins = ['http://localhost:{port}', 'http://127.0.0.1:{port}', 'http://localhost:5173'];

const unlistedOrigin = [
  'null',
  '*',
  '',
  'http://localhost',
  'http://localhost:1{port}',
  'http://localhost:51730',
  'http://127.0.0.1:5173',
  'https://localhost:5173',
  'http://localhost:{port}0',
  'http://localhost:{port}.',
  'http://localhost.:{port}',
  'http://localhost:{port}/',
  'https://localhost:{port}',
  'HTTP://localhost:{port}',
  'http://LOCALHOST:{port}',
  'localhost:{port}',
  '//localhost:{port}',
  'http://[::1]:{port}',
  'http://sub.localhost:{port}',
  'http://evillocalhost:{port}',
  'http://localhost.evil.example:{port}',
  'http://localhost:{port}.evil.example',
  'http://localhost:{port}@evil.example',
  'http://evil.example/?http://localhost:{port}',
  'http://localhost:{port}%60.evil.example',
  'http://127x0x0x1:{port}',
  'http://127.0.0.1.evil.example:{port}',
  'http://127.1:{port}',
  'http://2130706433:{port}',
  'http://localhost:{port}, https://evil.example',
  'https://evil.example, http://localhost:{port}',
  'https://evil.example',
  'file://',
  'chrome-extension://abcdefghijklmnop',
  `https://${'a'.repeat(6000)}.example`,
];

const fuzzedEndpoints = [
  ['GET', '/tasks'],
  ['POST', '/tasks'],
  ['GET', '/tasks/1'],
  ['PATCH', '/tasks/1'],
  ['DELETE', '/tasks/999'],
  ['PUT', '/tasks'],
  ['GET', '/sse/stats'],
  ['GET', '/sse/connect'],
  ['POST', '/sse/ticket'],
  ['POST', '/sse/disconnect'],
  ['POST', '/sse/lease'],
  ['DELETE', '/sse/connections/00000000-0000-0000-0000-000000000000'],
  ['POST', '/sse/revocations'],
  ['POST', '/sse/connect'],
  ['GET', '/nothing'],
  ['GET', '/'],
  ['GET', '/issuer/.well-known/jwks.json'],
  ['POST', '/issuer/token'],
] as const;

describe.each(['off', 'on'] as const)('with the edge %s', (edge) => {
  let stack: TestStack;
  let authorization: string;
  beforeAll(async () => {
    stack = await startWith({ edge });
    const who = { sub: 'alice', workspace: 'cors' };
    authorization = `Bearer ${await stack.local.issuer.sign(who)}`;
    await stack.request(who, 'POST', '/tasks', { name: 'a task' });
  });
  afterAll(() => stack.close());

  const atPort = (origin: string): string => origin.replace('{port}', String(stack.local.port));

  /** The CORS headers of an answer. */
  async function cors(
    method: string,
    target: string,
    origins: readonly string[],
    more: Readonly<Record<string, string>>,
  ): Promise<Record<string, unknown>> {
    const headers = [
      ...origins.map((origin) => ['origin', atPort(origin)] as const),
      ...Object.entries(more),
    ];
    const { status, headers: answered } = await sendRaw(
      stack.local.url,
      { method, target, headers },
      (text) => text.includes('\n\n'),
    );
    expect(status).toBeLessThan(500);
    return Object.fromEntries(
      Object.entries(answered).filter(([name]) => name.startsWith('access-control-')),
    );
  }

  const preflight = (method: string): Record<string, string> => ({
    'access-control-request-method': method,
    'access-control-request-headers': 'authorization, content-type, x-evil',
  });

  it.each(unlistedOrigin.map((origin) => [origin.slice(0, 60), origin] as const))(
    'the origin "%s" is given nothing anywhere, asked or not, signed in or not',
    async (_, origin) => {
      const given = fuzzedEndpoints.flatMap(([method, target]) => [
        cors('OPTIONS', target, [origin], preflight(method)),
        cors(method, target, [origin], { authorization }),
        cors(method, target, [origin], {}),
      ]);
      expect(await Promise.all(given)).toEqual(given.map(() => ({})));
    },
  );

  it('an unlisted origin beside a listed one is not allowed either', async () => {
    for (const origins of [
      [listedOrigins[0]!, 'https://evil.example'],
      ['https://evil.example', listedOrigins[0]!],
    ]) {
      for (const [method, target] of fuzzedEndpoints) {
        const answers = [
          await cors('OPTIONS', target, origins, preflight(method)),
          await cors(method, target, origins, { authorization }),
        ];
        expect(JSON.stringify(answers)).not.toContain('evil.example');
      }
    }
  });

  it.each(listedOrigins)(
    'the listed origin %s is given its own name, and may send credentials along',
    async (origin) => {
      for (const target of ['/tasks', '/tasks/1', '/sse/connect']) {
        for (const headers of [{ authorization }, {}]) {
          const given = await cors('GET', target, [origin], headers);
          expect(given).toMatchObject({
            'access-control-allow-origin': atPort(origin),
            'access-control-allow-credentials': 'true',
          });
        }
      }
      const asked = await cors('OPTIONS', '/tasks', [origin], preflight('PATCH'));
      expect(asked).toMatchObject({
        'access-control-allow-origin': atPort(origin),
        'access-control-allow-credentials': 'true',
      });
      expect(asked['access-control-allow-headers']).not.toMatch(/\*|evil/);
    },
  );

  it('what a browser sends along by itself lets nobody in', async () => {
    const token = authorization.slice('Bearer '.length);
    const headers = [
      ['origin', atPort(listedOrigins[0]!)],
      ['cookie', `token=${token}; Authorization=${token}; __Host-token=${token}`],
    ] as const;
    for (const target of ['/tasks', '/sse/stats', '/sse/connect']) {
      const { status } = await sendRaw(stack.local.url, { method: 'GET', target, headers }, (text) =>
        text.includes('\n\n'),
      );
      expect(status).toBe(401);
    }
  });
});
