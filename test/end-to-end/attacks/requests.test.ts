import type { TestStack, Who } from '../stack.ts';
import { startWith } from '../synthesized-stack.ts';
import type { RawAnswer, RawRequest } from '../raw-request.ts';
import { sendRaw } from '../raw-request.ts';

const alice = { sub: 'alice', workspace: 'attack' };
const mallory = { sub: 'mallory', workspace: 'attack' };
const boss = { sub: 'boss', workspace: 'attack', admin: true };
const internal = 'x-taskwire-authorization';
const json = ['content-type', 'application/json'] as const;

describe.each(['off', 'on'] as const)('with the edge %s', (edge) => {
  let stack: TestStack;
  /** A private task of alice's. */
  let secret: number;
  let tokens: Record<'alice' | 'mallory' | 'boss', string>;

  beforeAll(async () => {
    stack = await startWith({ edge });
    const { issuer } = stack.local;
    tokens = {
      alice: await issuer.sign(alice),
      mallory: await issuer.sign(mallory),
      boss: await issuer.sign(boss),
    };
    secret = await create(alice, { name: 'the secret', visibility: 'private' });
  });
  afterAll(() => stack.close());

  const create = async (who: Who, body: object): Promise<number> =>
    (await stack.request(who, 'POST', '/tasks', body)).body.task.id;
  const send = (request: RawRequest, enough?: (text: string) => boolean): Promise<RawAnswer> =>
    sendRaw(stack.local.url, request, enough);
  const bearer = (name: keyof typeof tokens, header = 'authorization') =>
    [header, `Bearer ${tokens[name]}`] as const;
  /** The status of an answer and its code, if it has one. */
  const verdict = ({ status, text }: RawAnswer): string =>
    [status, /"code":"(\w+)"/.exec(text)?.[1]].filter(Boolean).join(' ');
  /** Whom a stream greets, or the verdict. */
  const greeted = async (request: RawRequest): Promise<string> => {
    const answer = await send(request, (text) => text.includes('\n\n'));
    return /"userId":"([^"]*)"/.exec(answer.text)?.[1] ?? verdict(answer);
  };

  describe('a crooked path leads nowhere', () => {
    it.each([
      '//tasks',
      '//tasks/{id}',
      '/tasks//{id}',
      '/TASKS',
      '/Tasks/{id}',
      '/tasks/%2e%2e',
      '/tasks/%2e%2e/tasks/{id}',
      '/tasks/..%2f{id}',
      '/tasks/{id}%2f..%2f{id}',
      '/tasks/{id}%00',
      '/tasks/{id}%0a',
      '/tasks/{id};a=b',
      '/tasks/{id}%3f',
      '/tasks/{id}.json',
      '/tasks/%ff',
      '/tasks/%',
      '/./tasks',
      '/x/../tasks',
      '/tasks/./{id}',
      '/tasks\\{id}',
      '/tasks;/{id}',
      '/sse/../tasks/{id}',
      '/sse/connect/../../tasks/{id}',
      '/sse%2fconnect',
      '/sse/connect/',
      '//sse/connect',
      '/sse/Connect',
      '/sse/stats/..%2fconnect',
      '/issuer/../tasks/{id}',
      '/issuer/%2e%2e/tasks/{id}',
      'http://evil.example/tasks/{id}',
      'tasks/{id}',
      '/%74asks/%7bid%7d',
    ])('%s', async (path) => {
      const target = path.replaceAll('{id}', String(secret));
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        const body = method === 'PATCH' ? { body: '{"name":"taken"}' } : {};
        const answer = await send({ method, target, headers: [bearer('mallory'), json], ...body });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
        expect(answer.text).not.toContain('the secret');
      }
      const { task } = (await stack.request(alice, 'GET', `/tasks/${secret}`)).body;
      expect(task).toMatchObject({ name: 'the secret', version: 1 });
    });
  });

  describe('a header makes nobody somebody else', () => {
    it.each<[string, () => (readonly [string, string])[]]>([
      ['the internal header after the own bearer', () => [bearer('mallory'), bearer('boss', internal)]],
      ['the internal header before the own bearer', () => [bearer('boss', internal), bearer('mallory')]],
      [
        'the internal header twice',
        () => [bearer('boss', internal), bearer('mallory'), bearer('boss', internal)],
      ],
      [
        'the internal header in capitals',
        () => [bearer('mallory'), bearer('boss', 'X-TASKWIRE-AUTHORIZATION')],
      ],
      [
        'the internal header with underscores',
        () => [bearer('mallory'), bearer('boss', 'x_taskwire_authorization')],
      ],
      [
        'headers by which proxies name a user',
        () => [
          bearer('mallory'),
          ['x-forwarded-user', 'boss'],
          ['x-remote-user', 'boss'],
          ['x-amzn-oidc-identity', 'boss'],
        ],
      ],
      [
        'headers by which proxies hand a token on',
        () => [
          bearer('mallory'),
          bearer('boss', 'x-forwarded-authorization'),
          bearer('boss', 'x-amzn-remapped-authorization'),
          bearer('boss', 'proxy-authorization'),
        ],
      ],
      [
        'a cookie',
        () => [bearer('mallory'), ['cookie', `token=${tokens.boss}; authorization=${tokens.boss}`]],
      ],
      ['headers named after the prototype', () => [bearer('mallory'), bearer('boss', '__proto__')]],
      ['a header that asks to drop another', () => [bearer('mallory'), ['connection', 'authorization']]],
    ])('%s', async (_, headersOf) => {
      const headers = headersOf();
      expect(verdict(await send({ target: `/tasks/${secret}`, headers }))).toBe('404 task_not_found');
      expect(verdict(await send({ target: '/sse/stats', headers }))).toBe('403 forbidden');
      expect(await greeted({ target: '/sse/connect', headers })).toBe('mallory');
    });

    it.each<[string, () => (readonly [string, string])[]]>([
      ['two bearers', () => [bearer('mallory'), bearer('boss')]],
      ['two bearers the other way round', () => [bearer('boss'), bearer('mallory')]],
      ['one bearer twice', () => [bearer('boss'), bearer('boss')]],
      ['two bearers in one', () => [['authorization', `Bearer ${tokens.mallory}, Bearer ${tokens.boss}`]]],
      ['two tokens in one', () => [['authorization', `Bearer ${tokens.mallory},${tokens.boss}`]]],
      ['another scheme', () => [['authorization', `Basic ${tokens.boss}`]]],
      ['no scheme', () => [['authorization', tokens.boss]]],
      ['a scheme that only begins alike', () => [['authorization', `BearerX ${tokens.boss}`]]],
      ['words around the token', () => [['authorization', `Bearer token=${tokens.boss}`]]],
    ])('%s is nobody, also with a good token in the query', async (_, headersOf) => {
      const headers = headersOf();
      const malformed = '401 token_malformed';
      expect(verdict(await send({ target: `/tasks/${secret}`, headers }))).toBe(malformed);
      expect(verdict(await send({ target: '/sse/stats', headers }))).toBe(malformed);
      expect(await greeted({ target: '/sse/connect', headers })).toBe(malformed);
      expect(await greeted({ target: `/sse/connect?token=${tokens.boss}`, headers })).toBe(malformed);
    });

    it('the bearer counts before the token of another user in the query', async () => {
      const target = `/sse/connect?token=${tokens.boss}`;
      expect(await greeted({ target, headers: [bearer('mallory')] })).toBe('mallory');
    });

    it.each(['x-http-method-override', 'x-http-method', 'x-method-override', '_method'])(
      'a method in %s is not used',
      async (name) => {
        const id = await create(mallory, { name: 'stays' });
        const headers = [bearer('mallory'), json, [name, 'DELETE'] as const];
        expect((await send({ target: `/tasks/${id}`, headers })).status).toBe(200);
        await send({ method: 'POST', target: `/tasks/${id}?${name}=DELETE`, headers, body: '{"name":"x"}' });
        await send({ target: `/tasks/${id}?${name}=DELETE`, headers });
        const { task } = (await stack.request(mallory, 'GET', `/tasks/${id}`)).body;
        expect(task).toMatchObject({ name: 'stays', version: 1 });
      },
    );

    it.each(['/tasks/1', '/tasks/2', '/sse/connect'])('a path in a header is not used: %s', async (path) => {
      const headers = ['x-original-url', 'x-rewrite-url', 'x-forwarded-path', 'x-forwarded-prefix'].map(
        (name) => [name, path] as const,
      );
      const answer = await send({ target: '/nothing', headers: [bearer('boss'), ...headers] });
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
      const target = `/sse/connect?${query(tokens.mallory)}`;
      expect(await greeted({ target })).toBe(`401 ${code}`);
    });

    it('the API takes no token from the query at all', async () => {
      for (const target of ['/tasks', `/tasks/${secret}`, '/sse/stats']) {
        expect(verdict(await send({ target: `${target}?token=${tokens.boss}` }))).toBe('401 token_missing');
      }
    });

    it('two cursors are none', async () => {
      const target = `/sse/connect?lastEventId=0.1.0.0.000000000000&lastEventId=0.1.0.0.000000000000`;
      const { text } = await send({ target, headers: [bearer('mallory')] }, (sofar) =>
        sofar.includes('event: resume'),
      );
      expect(text).toContain('data: {"complete":false,"reason":"unknown_cursor"}');
    });
  });

  describe('If-Match writes nothing that it does not name', () => {
    it.each([
      ['W/"1"', '400 invalid_header'],
      ['"1", "2"', '400 invalid_header'],
      ['"2", *', '400 invalid_header'],
      ['"01"', '400 invalid_header'],
      ['"1e0"', '400 invalid_header'],
      ['"-1"', '400 invalid_header'],
      ['"0x1"', '400 invalid_header'],
      ['""', '400 invalid_header'],
      ['"9999999999999999999999"', '400 invalid_header'],
      ['"9007199254740993"', '412 version_mismatch'],
      ['"0"', '412 version_mismatch'],
    ])('%s', async (value, expected) => {
      const id = await create(mallory, { name: 'kept' });
      const headers = [bearer('mallory'), json, ['if-match', value] as const];
      const target = `/tasks/${id}`;
      expect(verdict(await send({ method: 'PATCH', target, headers, body: '{"name":"x"}' }))).toBe(expected);
      expect(verdict(await send({ method: 'DELETE', target, headers }))).toBe(expected);
      const { task } = (await stack.request(mallory, 'GET', target)).body;
      expect(task).toMatchObject({ name: 'kept', version: 1 });
    });
  });

  describe('an idempotency key gives nobody the answer of another', () => {
    const post = (who: Who, key: string, name = 'mine') =>
      stack.request(who, 'POST', '/tasks', { name, visibility: 'private' }, { 'idempotency-key': key });

    it.each<[string, Who, Who, string, string]>([
      ['of another user', alice, mallory, 'k1', 'k1'],
      ['of the same name in another workspace', alice, { ...alice, workspace: 'Attack' }, 'k2', 'k2'],
      [
        'that together with the user gives the same text',
        { ...alice, sub: 'al' },
        { ...alice, sub: 'ali' },
        'ik3',
        'k3',
      ],
      ['with quotes', { ...alice, sub: 'a' }, { ...alice, sub: 'a","b' }, 'b","c', 'c'],
      ['like a bookkeeping key', alice, mallory, 'attack#idempotency#k', 'attack#idempotency#k'],
    ])('%s', async (_, first, second, firstKey, secondKey) => {
      const theirs = await post(first, firstKey);
      const own = await post(second, secondKey);
      expect([theirs.status, own.status]).toEqual([201, 201]);
      expect(own.headers.get('idempotency-replayed')).toBeNull();
      expect(own.body.task.created_by).toBe(second.sub);
    });

    it('and none of a change to somebody who may not see the task any more', async () => {
      const id = await create(alice, { name: 'shared', assignees: ['mallory'], visibility: 'private' });
      const patch = (): ReturnType<TestStack['request']> =>
        stack.request(mallory, 'PATCH', `/tasks/${id}`, { priority: 3 }, { 'idempotency-key': 'k4' });
      expect((await patch()).status).toBe(200);
      await stack.request(alice, 'PATCH', `/tasks/${id}`, { assignees: [], name: 'unshared' });
      expect(await patch()).toMatchObject({ status: 404, body: { code: 'task_not_found' } });
    });
  });

  describe('a body pollutes nothing', () => {
    const deep = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

    it.each([
      ['the prototype', '{"name":"x","__proto__":{"admin":true}}', '400 unknown_field'],
      [
        'the prototype, escaped',
        String.raw`{"name":"x","\u005f_proto__":{"admin":true}}`,
        '400 unknown_field',
      ],
      ['the constructor', '{"name":"x","constructor":{"prototype":{"admin":true}}}', '400 unknown_field'],
      ['the prototype in a field', '{"name":{"__proto__":{"admin":true}}}', '400 invalid_field'],
      [
        'the prototype in a list',
        '{"name":"x","assignees":[{"__proto__":["mallory"]}]}',
        '400 invalid_field',
      ],
      ['the prototype as a list', '{"name":"x","assignees":{"__proto__":["mallory"]}}', '400 invalid_field'],
      ['a length', '{"name":"x","assignees":{"length":1,"0":"mallory"}}', '400 invalid_field'],
      ['a field of the server', '{"name":"x","created_by":"alice"}', '400 unknown_field'],
      ['an id', '{"name":"x","id":1,"workspace":"Attack"}', '400 unknown_field'],
      ['toString', '{"name":{"toString":"x"}}', '400 invalid_field'],
      ['toJSON', '{"name":"x","toJSON":"y"}', '400 unknown_field'],
      ['10,000 objects in each other', `{"name":${deep(10_000)}}`, '400 invalid_field'],
      [
        '30,000 lists in each other',
        `{"name":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
        '400 invalid_field',
      ],
      ['half a surrogate pair', String.raw`{"name":"\ud800"}`, '400 invalid_field'],
      ['a number beyond all', '{"name":"x","priority":1e999}', '400 invalid_field'],
    ])('%s', async (_, body, expected) => {
      for (const key of [[], [['idempotency-key', `p-${expected}-${body.length}`] as const]]) {
        const headers = [bearer('mallory'), json, ...key];
        expect(verdict(await send({ method: 'POST', target: '/tasks', headers, body }))).toBe(expected);
        const id = await create(mallory, { name: 'mine' });
        expect(verdict(await send({ method: 'PATCH', target: `/tasks/${id}`, headers, body }))).toBe(
          expected,
        );
      }
      const { task } = (await stack.request(mallory, 'POST', '/tasks', { name: 'clean' })).body;
      expect(task).toMatchObject({ assignees: [], blocked: false, created_by: 'mallory' });
      expect(await stack.request(mallory, 'GET', '/sse/stats')).toMatchObject({ status: 403 });
    });

    it.each([
      '__proto__=1',
      '__proto__[status]=done',
      'constructor=1',
      'toString=1',
      'status[]=done',
      'limit[]=1',
    ])('nor does the query %s', async (query) => {
      const answer = await send({ target: `/tasks?${query}`, headers: [bearer('mallory')] });
      expect(verdict(answer)).toBe('400 invalid_parameter');
    });
  });
});
