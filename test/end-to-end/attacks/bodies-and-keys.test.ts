import type { TestStack, Who } from '../stack.ts';
import { alice, json, mallory, RequestAttack, verdict } from './request-attack.ts';

describe.each(['off', 'on'] as const)('with the edge %s', (edge) => {
  let attack: RequestAttack;
  beforeAll(async () => {
    attack = await RequestAttack.start(edge);
  });
  afterAll(() => attack.close());

  describe('If-Match writes nothing that it does not name', () => {
    it.each([
      ['W/"1"', '412 version_mismatch'],
      ['W/"1", W/"2"', '412 version_mismatch'],
      ['"2", "3"', '412 version_mismatch'],
      ['"2,1", "3"', '412 version_mismatch'],
      ['"2", *', '400 invalid_header'],
      ['*, "1"', '400 invalid_header'],
      ['1', '400 invalid_header'],
      ['"1', '400 invalid_header'],
      ['"1""2"', '400 invalid_header'],
      ['w/"1"', '400 invalid_header'],
      ['W/ "1"', '400 invalid_header'],
      [',', '400 invalid_header'],
      ['"01"', '412 version_mismatch'],
      ['"1e0"', '412 version_mismatch'],
      ['"-1"', '412 version_mismatch'],
      ['"0x1"', '412 version_mismatch'],
      ['""', '412 version_mismatch'],
      ['" 1"', '400 invalid_header'],
      ['"9999999999999999999999"', '412 version_mismatch'],
      ['"9007199254740993"', '412 version_mismatch'],
      ['"0"', '412 version_mismatch'],
    ])('%s', async (value, expected) => {
      const id = await attack.create(mallory, { name: 'kept' });
      const headers = [attack.bearer('mallory'), json, ['if-match', value] as const];
      const target = `/tasks/${id}`;
      expect(verdict(await attack.send({ method: 'PATCH', target, headers, body: '{"name":"x"}' }))).toBe(
        expected,
      );
      expect(verdict(await attack.send({ method: 'DELETE', target, headers }))).toBe(expected);
      const { task } = (await attack.stack.request(mallory, 'GET', target)).body;
      expect(task).toMatchObject({ name: 'kept', version: 1 });
    });
  });

  describe('an idempotency key gives nobody the answer of another', () => {
    const post = (who: Who, key: string, name = 'mine') =>
      attack.stack.request(
        who,
        'POST',
        '/tasks',
        { name, visibility: 'private' },
        { 'idempotency-key': key },
      );

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

    it('nor that of a change to a user who may not see the task any more', async () => {
      const id = await attack.create(alice, {
        name: 'shared',
        assignees: ['mallory'],
        visibility: 'private',
      });
      const patch = (): ReturnType<TestStack['request']> =>
        attack.stack.request(mallory, 'PATCH', `/tasks/${id}`, { priority: 3 }, { 'idempotency-key': 'k4' });
      expect((await patch()).status).toBe(200);
      await attack.stack.request(alice, 'PATCH', `/tasks/${id}`, { assignees: [], name: 'unshared' });
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
        const headers = [attack.bearer('mallory'), json, ...key];
        expect(verdict(await attack.send({ method: 'POST', target: '/tasks', headers, body }))).toBe(
          expected,
        );
        const id = await attack.create(mallory, { name: 'mine' });
        expect(verdict(await attack.send({ method: 'PATCH', target: `/tasks/${id}`, headers, body }))).toBe(
          expected,
        );
      }
      const { task } = (await attack.stack.request(mallory, 'POST', '/tasks', { name: 'clean' })).body;
      expect(task).toMatchObject({ assignees: [], blocked: false, created_by: 'mallory' });
      expect(await attack.stack.request(mallory, 'GET', '/sse/stats')).toMatchObject({ status: 403 });
    });

    it.each([
      '__proto__=1',
      '__proto__[status]=done',
      'constructor=1',
      'toString=1',
      'status[]=done',
      'limit[]=1',
    ])('nor does the query %s', async (query) => {
      const answer = await attack.send({ target: `/tasks?${query}`, headers: [attack.bearer('mallory')] });
      expect(verdict(answer)).toBe('400 invalid_parameter');
    });
  });
});
