import { internal, json, mallory, RequestAttack, verdict } from './request-attack.ts';

describe.each(['off', 'on'] as const)('with the edge %s', (edge) => {
  let attack: RequestAttack;
  beforeAll(async () => {
    attack = await RequestAttack.start(edge);
  });
  afterAll(() => attack.close());

  describe('a header makes nobody somebody else', () => {
    it.each<[string, () => (readonly [string, string])[]]>([
      [
        'the internal header after the own bearer',
        () => [attack.bearer('mallory'), attack.bearer('boss', internal)],
      ],
      [
        'the internal header before the own bearer',
        () => [attack.bearer('boss', internal), attack.bearer('mallory')],
      ],
      [
        'the internal header twice',
        () => [attack.bearer('boss', internal), attack.bearer('mallory'), attack.bearer('boss', internal)],
      ],
      [
        'the internal header in capitals',
        () => [attack.bearer('mallory'), attack.bearer('boss', 'X-TASKWIRE-AUTHORIZATION')],
      ],
      [
        'the internal header with underscores',
        () => [attack.bearer('mallory'), attack.bearer('boss', 'x_taskwire_authorization')],
      ],
      [
        'headers by which proxies name a user',
        () => [
          attack.bearer('mallory'),
          ['x-forwarded-user', 'boss'],
          ['x-remote-user', 'boss'],
          ['x-amzn-oidc-identity', 'boss'],
        ],
      ],
      [
        'headers by which proxies hand a token on',
        () => [
          attack.bearer('mallory'),
          attack.bearer('boss', 'x-forwarded-authorization'),
          attack.bearer('boss', 'x-amzn-remapped-authorization'),
          attack.bearer('boss', 'proxy-authorization'),
        ],
      ],
      [
        'a cookie',
        () => [
          attack.bearer('mallory'),
          ['cookie', `token=${attack.tokens.boss}; authorization=${attack.tokens.boss}`],
        ],
      ],
      [
        'headers named after the prototype',
        () => [attack.bearer('mallory'), attack.bearer('boss', '__proto__')],
      ],
      [
        'a header that asks to drop another',
        () => [attack.bearer('mallory'), ['connection', 'authorization']],
      ],
    ])('%s', async (_, headersOf) => {
      const headers = headersOf();
      expect(verdict(await attack.send({ target: `/tasks/${attack.secret}`, headers }))).toBe(
        '404 task_not_found',
      );
      expect(verdict(await attack.send({ target: '/sse/stats', headers }))).toBe('403 forbidden');
      expect(await attack.greeted({ target: '/sse/connect', headers })).toBe('mallory');
    });

    it.each<[string, () => (readonly [string, string])[]]>([
      ['two bearers', () => [attack.bearer('mallory'), attack.bearer('boss')]],
      ['two bearers the other way round', () => [attack.bearer('boss'), attack.bearer('mallory')]],
      ['one bearer twice', () => [attack.bearer('boss'), attack.bearer('boss')]],
      [
        'two bearers in one',
        () => [['authorization', `Bearer ${attack.tokens.mallory}, Bearer ${attack.tokens.boss}`]],
      ],
      [
        'two tokens in one',
        () => [['authorization', `Bearer ${attack.tokens.mallory},${attack.tokens.boss}`]],
      ],
      ['another scheme', () => [['authorization', `Basic ${attack.tokens.boss}`]]],
      ['no scheme', () => [['authorization', attack.tokens.boss]]],
      ['a scheme that only begins alike', () => [['authorization', `BearerX ${attack.tokens.boss}`]]],
      ['words around the token', () => [['authorization', `Bearer token=${attack.tokens.boss}`]]],
    ])('%s is nobody, also with a good token in the query', async (_, headersOf) => {
      const headers = headersOf();
      const malformed = '401 token_malformed';
      expect(verdict(await attack.send({ target: `/tasks/${attack.secret}`, headers }))).toBe(malformed);
      expect(verdict(await attack.send({ target: '/sse/stats', headers }))).toBe(malformed);
      expect(await attack.greeted({ target: '/sse/connect', headers })).toBe(malformed);
      expect(await attack.greeted({ target: `/sse/connect?token=${attack.tokens.boss}`, headers })).toBe(
        malformed,
      );
    });

    it('the bearer counts before the token of another user in the query', async () => {
      const target = `/sse/connect?token=${attack.tokens.boss}`;
      expect(await attack.greeted({ target, headers: [attack.bearer('mallory')] })).toBe('mallory');
    });

    it.each(['x-http-method-override', 'x-http-method', 'x-method-override', '_method'])(
      'a method in %s is not used',
      async (name) => {
        const id = await attack.create(mallory, { name: 'stays' });
        const headers = [attack.bearer('mallory'), json, [name, 'DELETE'] as const];
        expect((await attack.send({ target: `/tasks/${id}`, headers })).status).toBe(200);
        await attack.send({
          method: 'POST',
          target: `/tasks/${id}?${name}=DELETE`,
          headers,
          body: '{"name":"x"}',
        });
        await attack.send({ target: `/tasks/${id}?${name}=DELETE`, headers });
        const { task } = (await attack.stack.request(mallory, 'GET', `/tasks/${id}`)).body;
        expect(task).toMatchObject({ name: 'stays', version: 1 });
      },
    );

    it.each(['/tasks/1', '/tasks/2', '/sse/connect'])('a path in a header is not used: %s', async (path) => {
      const headers = ['x-original-url', 'x-rewrite-url', 'x-forwarded-path', 'x-forwarded-prefix'].map(
        (name) => [name, path] as const,
      );
      const answer = await attack.send({ target: '/nothing', headers: [attack.bearer('boss'), ...headers] });
      expect(answer.status).toBe(404);
    });
  });

  describe('a crooked query is no token', () => {
    it.each<[string, (token: string) => string, string]>([
      ['twice the parameter', (token) => `token=${token}&token=${token}`, 'token_malformed'],
      ['an empty one first', (token) => `token=&token=${token}`, 'token_malformed'],
      ['an encoded separator', (token) => `token=${token}%26token=${token}`, 'token_malformed'],
      ['a semicolon', (token) => `token=${token};token=${token}`, 'token_malformed'],
      ['a line break', (token) => `token=${token}%0d%0a`, 'token_malformed'],
      ['NUL', (token) => `token=${token}%00`, 'token_malformed'],
      ['a space before', (token) => `token=%20${token}`, 'token_malformed'],
      ['a scheme', (token) => `token=Bearer%20${token}`, 'token_malformed'],
      ['broken encoding', (token) => `token=${token}%`, 'token_malformed'],
      ['broken UTF-8', (token) => `token=${token}%ff%fe`, 'token_malformed'],
      ['another case', (token) => `Token=${token}`, 'token_missing'],
      ['brackets', (token) => `token[]=${token}&token[0]=${token}`, 'token_missing'],
      ['NUL in the name', (token) => `token%00=${token}`, 'token_missing'],
      ['the prototype', (token) => `__proto__=${token}&__proto__[token]=${token}`, 'token_missing'],
      ['the constructor', (token) => `constructor.prototype.token=${token}`, 'token_missing'],
      ['a second question mark', (token) => `?token=${token}`, 'token_missing'],
      ['other names', (token) => `access_token=${token}&authorization=Bearer%20${token}`, 'token_missing'],
    ])('%s', async (_, query, code) => {
      const target = `/sse/connect?${query(attack.tokens.mallory)}`;
      expect(await attack.greeted({ target })).toBe(`401 ${code}`);
    });

    it('the API takes no token from the query at all', async () => {
      for (const target of ['/tasks', `/tasks/${attack.secret}`, '/sse/stats']) {
        expect(verdict(await attack.send({ target: `${target}?token=${attack.tokens.boss}` }))).toBe(
          '401 token_missing',
        );
      }
    });

    it('the last of two cursors counts, and no more than it would alone', async () => {
      const target = `/sse/connect?lastEventId=0.1.0.0.000000000000&lastEventId=0.1.0.0.000000000000`;
      const { text } = await attack.send({ target, headers: [attack.bearer('mallory')] }, (sofar) =>
        sofar.includes('event: resume'),
      );
      expect(text).toContain('data: {"complete":false,"reason":"unknown_cursor"}');
    });
  });
});
