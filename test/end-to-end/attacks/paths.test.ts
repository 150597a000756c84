import { alice, json, RequestAttack, verdict } from './request-attack.ts';

/** Answers to GET, PATCH and DELETE. */
type Answers = readonly [get: string, patch: string, remove: string];

const always = (answer: string): Answers => [answer, answer, answer];
/** No route of the API has the path. */
const noRoute = always('404 not_found');
/** The path is that of a task, and its last part names none. */
const noTaskId = always('400 invalid_task_id');
/** The gateway itself refuses the path, before any function. */
const refused = always('400');
/** The development issuer, which is not deployed, knows no such path. */
const issuer = always('404');
/** The edge has the path for one of the page's files, which are read and nothing else, and there is none. */
const page: Answers = ['404', '403', '403'];

/** Each path, and who answers it without the edge, and with it. */
const paths: readonly (readonly [path: string, withoutEdge: Answers, atEdge: Answers])[] = [
  ['//tasks', noRoute, page],
  ['//tasks/{id}', noRoute, page],
  ['/tasks//{id}', noRoute, noRoute],
  ['/TASKS', noRoute, page],
  ['/Tasks/{id}', noRoute, page],
  ['/tasks/%2e%2e', noTaskId, noTaskId],
  ['/tasks/%2e%2e/tasks/{id}', noRoute, noRoute],
  ['/tasks/%2e/{id}', noRoute, noRoute],
  ['/tasks/{id}/%2e', noRoute, noRoute],
  ['/x/%2e%2e/tasks/{id}', noRoute, page],
  ['/tasks/..%2f{id}', noTaskId, noTaskId],
  ['/tasks/{id}%2f..%2f{id}', noTaskId, noTaskId],
  ['/tasks/{id}%00', noTaskId, noTaskId],
  ['/tasks/{id}%0a', noTaskId, noTaskId],
  ['/tasks/{id}%20', noTaskId, noTaskId],
  ['/tasks/0{id}', noTaskId, noTaskId],
  ['/tasks/+{id}', noTaskId, noTaskId],
  ['/tasks/{id};a=b', noTaskId, noTaskId],
  ['/tasks/{id}%3f', noTaskId, noTaskId],
  ['/tasks/{id}.json', noTaskId, noTaskId],
  ['/tasks/%ff', refused, refused],
  ['/tasks/%', refused, refused],
  ['/./tasks', noRoute, page],
  ['/./tasks/{id}', noRoute, page],
  ['/x/../tasks', noRoute, page],
  ['/x/../tasks/{id}', noRoute, page],
  ['/tasks/./{id}', noRoute, noRoute],
  [String.raw`/tasks\{id}`, noRoute, page],
  ['/tasks;/{id}', noRoute, page],
  ['/tasks;a=b/{id}', noRoute, page],
  ['/sse/../tasks/{id}', noRoute, noRoute],
  ['/sse/connect/../../tasks/{id}', noRoute, noRoute],
  ['/sse%2fconnect', noRoute, page],
  ['/sse/connect//', noRoute, noRoute],
  ['/sse/stats//', noRoute, noRoute],
  ['//sse/connect', noRoute, page],
  ['/sse/Connect', noRoute, noRoute],
  ['/sse/stats/..%2fconnect', noRoute, noRoute],
  ['/issuer/../tasks/{id}', issuer, issuer],
  ['/issuer/%2e%2e/tasks/{id}', issuer, issuer],
  ['http://evil.example/tasks/{id}', noRoute, page],
  ['tasks/{id}', refused, refused],
  ['/%74asks/%7bid%7d', noRoute, page],
  ['/%74asks/{id}', noRoute, page],
];

describe.each(['off', 'on'] as const)('with the edge %s, a crooked path leads nowhere', (edge) => {
  let attack: RequestAttack;
  beforeAll(async () => {
    attack = await RequestAttack.start(edge);
  });
  afterAll(() => attack.close());

  it.each(paths)('%s', async (path, withoutEdge, atEdge) => {
    const target = path.replaceAll('{id}', String(attack.secret));
    const expected = edge === 'on' ? atEdge : withoutEdge;
    // The owner may do with the task whatever is asked here: only the path stands in the way.
    for (const name of ['alice', 'mallory'] as const) {
      for (const [index, method] of ['GET', 'PATCH', 'DELETE'].entries()) {
        const body = method === 'PATCH' ? { body: '{"name":"taken"}' } : {};
        const request = { method, target, headers: [attack.bearer(name), json], ...body };
        const answer = await attack.send(request, (text) => text.includes('\n\n'));
        expect([name, method, verdict(answer)]).toEqual([name, method, expected[index]]);
        expect(answer.text).not.toContain('the secret');
      }
    }
    const { task } = (await attack.stack.request(alice, 'GET', `/tasks/${attack.secret}`)).body;
    expect(task).toMatchObject({ name: 'the secret', version: 1 });
  });

  it('a slash at the end of a path changes neither the task nor who may see it', async () => {
    const ask = async (name: 'alice' | 'mallory'): Promise<string> =>
      verdict(await attack.send({ target: `/tasks/${attack.secret}/`, headers: [attack.bearer(name)] }));
    expect(await ask('alice')).toBe('200');
    expect(await ask('mallory')).toBe('404 task_not_found');
    const headers = [attack.bearer('mallory')];
    expect(verdict(await attack.send({ target: '/sse/stats/', headers }))).toBe('403 forbidden');
    expect(verdict(await attack.send({ target: '/sse/connect/', headers: [] }))).toBe('401 token_missing');
    expect(verdict(await attack.send({ method: 'POST', target: '/sse/stats/', headers }))).toBe(
      '405 method_not_allowed',
    );
  });
});
