import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { TestStack } from './stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.close());

const alice = { sub: 'alice', workspace: 'api' };
const bob = { sub: 'bob', workspace: 'api' };

describe('POST /tasks', () => {
  it('creates a task with every field of the contract', async () => {
    const { status, headers, body } = await stack.request(alice, 'POST', '/tasks', {
      name: 'New Task',
      priority: 2,
    });
    expect(status).toBe(201);
    expect(Object.keys(body)).toEqual(['task']);
    expect(body.task).toEqual({
      id: expect.any(Number),
      name: 'New Task',
      description: null,
      status: 'inbox',
      priority: 2,
      blocked: false,
      assigned_to_agent: false,
      archived: false,
      created_by: 'alice',
      assignees: [],
      visibility: 'workspace',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updated_at: body.task.created_at,
      updated_by: 'alice',
      version: 1,
    });
    expect(headers.get('etag')).toBe('"1"');
    expect(headers.get('location')).toBe(`/tasks/${body.task.id}`);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('numbers the tasks of each workspace from 1', async () => {
    const ids: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      ids.push(
        (await stack.request({ sub: 'a', workspace: 'numbers' }, 'POST', '/tasks', { name: 'x' })).body.task
          .id,
      );
    }
    expect(ids).toEqual([1, 2, 3]);
  });

  it('goes past ids that a script wrote without the counter', async () => {
    const workspace = 'imported';
    for (const id of [1, 2, 40]) {
      const Item = { workspace, id, name: 'imported' };
      await stack.database.send(new PutCommand({ TableName: stack.local.tables['tasks'], Item }));
    }
    const { status, body } = await stack.request({ sub: 'a', workspace }, 'POST', '/tasks', { name: 'x' });
    expect([status, body.task.id]).toEqual([201, 41]);
  });

  it('answers a repeated idempotency key with the first answer, also when both come at once', async () => {
    const key = { 'idempotency-key': 'k-1' };
    const send = (name: string) => stack.request(alice, 'POST', '/tasks', { name }, key);
    const answers = await Promise.all([send('once'), send('once'), send('once')]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(2);
    const { body } = await stack.request(alice, 'GET', '/tasks');
    expect(body.tasks.filter(({ name }: { name: string }) => name === 'once')).toHaveLength(1);

    expect(await send('another')).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
    const ofBob = await stack.request(bob, 'POST', '/tasks', { name: 'another' }, key);
    expect(ofBob).toMatchObject({ status: 201, body: { task: { name: 'another' } } });
  });

  it('takes the same fields for the same request, however they were written', async () => {
    const send = (body: string, path = '/tasks') =>
      stack.request(alice, 'POST', path, body, { 'idempotency-key': 'k-2' });
    const first = await send('{"name":"caf\u00e9","priority":1,"assignees":["bob"]}');
    expect(first.status).toBe(201);
    for (const body of [
      '{"assignees":["bob"],"priority":1,"name":"caf\u00e9"}',
      ' { "priority" : 1.0, "name" : "caf\\u00e9", "assignees" : [ "bob" ] } ',
      '{"name":"caf\u00e9","priority":1e0,"assignees":["bob"],"status":"inbox","description":null,"blocked":false}',
      '{"name":"x","name":"caf\u00e9","priority":1,"assignees":["bob"]}',
    ]) {
      const again = await send(body);
      expect([again.status, again.body, again.headers.get('idempotency-replayed')]).toEqual([
        201,
        first.body,
        'true',
      ]);
    }
    for (const body of [
      '{"name":"cafe\u0301","priority":1,"assignees":["bob"]}',
      '{"name":"caf\u00e9","priority":1,"assignees":[]}',
      '{"name":"caf\u00e9","priority":0,"assignees":["bob"]}',
    ]) {
      expect(await send(body)).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
    }
    const { id } = first.body.task;
    const patch = (body: string) =>
      stack.request(alice, 'PATCH', `/tasks/${id}`, body, { 'idempotency-key': 'k-3' });
    expect(await patch('{"priority":2,"blocked":true}')).toMatchObject({ status: 200 });
    const replay = await patch('{"blocked":true,"priority":2}');
    expect([replay.status, replay.body.task.version]).toEqual([200, 2]);
    expect(await patch('{"blocked":true,"priority":2,"description":null}')).toMatchObject({ status: 409 });
  });

  it.each([
    ['broken JSON', '{"name":', {}, 400, 'invalid_json'],
    ['no body', '', {}, 400, 'invalid_json'],
    ['a list', '[]', {}, 400, 'invalid_field'],
    ['a wrong type', '{"name":7}', {}, 400, 'invalid_field'],
    ['an over-long name', JSON.stringify({ name: 'x'.repeat(201) }), {}, 400, 'invalid_field'],
    ['an unknown field', '{"name":"a","colour":1}', {}, 400, 'unknown_field'],
    ['__proto__', '{"name":"a","__proto__":{"id":1}}', {}, 400, 'unknown_field'],
    [
      'an over-large body',
      JSON.stringify({ name: 'a', description: 'x'.repeat(70_000) }),
      {},
      413,
      'payload_too_large',
    ],
    [
      'another media type',
      'name=a',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported_media_type',
    ],
    [
      'a broken idempotency key',
      '{"name":"a"}',
      { 'idempotency-key': 'x'.repeat(256) },
      400,
      'invalid_header',
    ],
  ])('refuses %s with a clear error', async (_, body, headers, status, code) => {
    const answer = await stack.request(alice, 'POST', '/tasks', body, headers);
    expect(answer).toMatchObject({ status, body: { code, error: expect.stringMatching(/\w+ \w+/) } });
    expect(Object.keys(answer.body).toSorted()).toEqual(['code', 'error']);
  });
});

describe('a task', () => {
  let id: number;
  beforeEach(async () => {
    id = (await stack.request(alice, 'POST', '/tasks', { name: 'one' })).body.task.id;
  });

  it('is read, changed and deleted', async () => {
    expect((await stack.request(bob, 'GET', `/tasks/${id}`)).body.task).toMatchObject({
      id,
      name: 'one',
      version: 1,
    });
    const patched = await stack.request(bob, 'PATCH', `/tasks/${id}`, { status: 'done', blocked: true });
    expect(patched).toMatchObject({
      status: 200,
      body: { task: { id, name: 'one', status: 'done', version: 2 } },
    });
    expect(patched.headers.get('etag')).toBe('"2"');
    const deleted = await stack.request(bob, 'DELETE', `/tasks/${id}`);
    expect(deleted).toMatchObject({ status: 200, body: { success: true, message: 'Task deleted' } });
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const gone = await stack.request(
        bob,
        method,
        `/tasks/${id}`,
        method === 'PATCH' ? { name: 'x' } : undefined,
      );
      expect(gone).toMatchObject({ status: 404, body: { code: 'task_not_found' } });
    }
  });

  it('says who wrote it last over the API', async () => {
    const { task } = (await stack.request(alice, 'POST', '/tasks', { name: 'shared' })).body;
    const changed = (await stack.request(bob, 'PATCH', `/tasks/${task.id}`, { priority: 1 })).body.task;
    expect([task.updated_by, changed.created_by, changed.updated_by]).toEqual(['alice', 'alice', 'bob']);
    const forged = await stack.request(bob, 'PATCH', `/tasks/${task.id}`, { updated_by: 'alice' });
    expect(forged).toMatchObject({ status: 400, body: { code: 'unknown_field' } });
  });

  it('is only changed at the version that If-Match names', async () => {
    const patch = (version: string) =>
      stack.request(alice, 'PATCH', `/tasks/${id}`, { priority: 5 }, { 'if-match': version });
    expect(await patch('"2"')).toMatchObject({ status: 412, body: { code: 'version_mismatch' } });
    expect(await patch('nonsense')).toMatchObject({ status: 400, body: { code: 'invalid_header' } });
    expect(await patch('"1"')).toMatchObject({ status: 200, body: { task: { version: 2 } } });
    const stale = await stack.request(alice, 'DELETE', `/tasks/${id}`, undefined, { 'if-match': '"1"' });
    expect(stale).toMatchObject({ status: 412 });
    expect((await stack.request(alice, 'GET', `/tasks/${id}`)).body.task.priority).toBe(5);
    for (const [index, tags] of ['"1", "2"', ',"3" ,, W/"9"', '*'].entries()) {
      expect(await patch(tags)).toMatchObject({ status: 200, body: { task: { version: 3 + index } } });
    }
    for (const tags of ['*', '"1"', 'nonsense']) {
      const missing = await stack.request(
        alice,
        'PATCH',
        '/tasks/12345',
        { priority: 1 },
        { 'if-match': tags },
      );
      expect(missing).toMatchObject({ status: 404, body: { code: 'task_not_found' } });
    }
    const last = await stack.request(alice, 'DELETE', `/tasks/${id}`, undefined, { 'if-match': '"4","5"' });
    expect(last).toMatchObject({ status: 200 });
  });

  it('is archived by its status or by the flag, and comes back', async () => {
    const patch = async (fields: object) => {
      const { task } = (await stack.request(alice, 'PATCH', `/tasks/${id}`, fields)).body;
      return [task.status, task.archived];
    };
    expect(await patch({ status: 'done' })).toEqual(['done', false]);
    expect(await patch({ archived: true })).toEqual(['done', true]);
    expect(await patch({ archived: false })).toEqual(['done', false]);
    expect(await patch({ status: 'archived' })).toEqual(['archived', true]);
    expect(await patch({ archived: false })).toEqual(['inbox', false]);
    expect(await patch({ status: 'done', archived: true })).toEqual(['done', true]);
    expect(await patch({ status: 'in_review' })).toEqual(['in_review', false]);
    const both = await stack.request(alice, 'PATCH', `/tasks/${id}`, { status: 'archived', archived: false });
    expect(both).toMatchObject({ status: 400, body: { code: 'invalid_field' } });
  });

  it('is never so large that its events would not fit a line of 64 KiB', async () => {
    const description = '\u0001'.repeat(10_000);
    const assignees = Array.from({ length: 50 }, (_, index) => `${index}`.padEnd(128, 'x'));
    const most = await stack.request(alice, 'POST', '/tasks', { name: '\u0001x', description, assignees });
    expect(most).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
    await stack.request(alice, 'PATCH', `/tasks/${id}`, { description: '\u0001'.repeat(9000) });
    const patched = await stack.request(alice, 'PATCH', `/tasks/${id}`, { assignees });
    expect(patched).toMatchObject({ status: 413, body: { error: expect.stringMatching(/59500/) } });
    expect((await stack.request(alice, 'PATCH', `/tasks/${id}`, { description: '' })).status).toBe(200);
  });

  it('loses no change when many write it at once', async () => {
    const answers = await Promise.all(
      ['name', 'description', 'status', 'priority'].map((field) =>
        stack.request(alice, 'PATCH', `/tasks/${id}`, {
          [field]: { name: 'two', description: 'd', status: 'done', priority: 9 }[field],
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { task } = (await stack.request(alice, 'GET', `/tasks/${id}`)).body;
    expect(task).toMatchObject({ name: 'two', description: 'd', status: 'done', priority: 9, version: 5 });
  });

  it('keeps what a script wrote beside the fields of a task', async () => {
    const TableName = stack.local.tables['tasks'];
    const Item = { workspace: 'api', id: 900, name: 'raw', colour: 'red' };
    await stack.database.send(new PutCommand({ TableName, Item }));
    const { status, body } = await stack.request(alice, 'PATCH', '/tasks/900', { name: 'patched' });
    expect([status, body.task.version]).toEqual([200, 1]);
    const { GetCommand } = await import('@aws-sdk/lib-dynamodb');
    const stored = await stack.database.send(
      new GetCommand({ TableName, Key: { workspace: 'api', id: 900 } }),
    );
    expect(stored.Item).toMatchObject({ name: 'patched', colour: 'red' });
  });

  it('is 404 for whoever may not see it, before anything else about the request', async () => {
    await stack.request(alice, 'PATCH', `/tasks/${id}`, { visibility: 'private' });
    for (const [method, body, headers] of [
      ['GET', undefined, {}],
      ['PATCH', '{broken', {}],
      ['PATCH', { visibility: 'workspace' }, {}],
      ['DELETE', undefined, { 'if-match': 'nonsense' }],
    ] as const) {
      const answer = await stack.request(bob, method, `/tasks/${id}`, body, headers);
      expect(answer).toMatchObject({ status: 404, body: { code: 'task_not_found' } });
    }
    expect(
      (await stack.request(bob, 'GET', '/tasks')).body.tasks.map((task: { id: number }) => task.id),
    ).not.toContain(id);
    const admin = await stack.request({ sub: 'root', workspace: 'api', admin: true }, 'GET', `/tasks/${id}`);
    expect(admin.status).toBe(200);
    expect(
      (await stack.request({ sub: 'alice', workspace: 'elsewhere' }, 'GET', `/tasks/${id}`)).status,
    ).toBe(404);
  });

  it('lets only its creator and admins change who sees it', async () => {
    const share = (who: typeof bob) => stack.request(who, 'PATCH', `/tasks/${id}`, { assignees: ['bob'] });
    expect(await share(bob)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await share(alice)).toMatchObject({ status: 200, body: { task: { assignees: ['bob'] } } });
  });
});

describe('a path', () => {
  it.each(['1e9', '-1', 'abc', '__proto__', '0', '01', '1.5', '9007199254740993', '%20', '1%2F2'])(
    '/tasks/%s is refused: it names no task',
    async (id) => {
      const answer = await stack.request(alice, 'GET', `/tasks/${id}`);
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_task_id' } });
    },
  );

  it('that does not exist is 404, a method that does not work 405', async () => {
    expect(await stack.request(alice, 'GET', '/nothing')).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
    const put = await stack.request(alice, 'PUT', '/tasks/1', {});
    expect(put).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
    expect(put.headers.get('allow')).toBe('GET, PATCH, DELETE');
  });
});

describe('GET /tasks', () => {
  const lister = { sub: 'lister', workspace: 'list' };
  beforeAll(async () => {
    for (const status of ['inbox', 'done', 'inbox', 'done', 'inbox']) {
      await stack.request(lister, 'POST', '/tasks', { name: status, status, archived: status === 'done' });
    }
  });
  const ids = (body: { tasks: { id: number }[] }): number[] => body.tasks.map(({ id }) => id);

  it('lists the tasks of the workspace, and filters them', async () => {
    const list = async (query: string) => ids((await stack.request(lister, 'GET', `/tasks${query}`)).body);
    expect(await list('')).toEqual([1, 2, 3, 4, 5]);
    expect(await list('?status=done')).toEqual([2, 4]);
    expect(await list('?status=done,in_review&tasks=1,2,9')).toEqual([2]);
    expect(await list('?archived=false')).toEqual([1, 3, 5]);
    expect(await list('?assigned_to_agent=true')).toEqual([]);
  });

  it('gives pages that together hold each task once', async () => {
    const pages: number[][] = [];
    for (let cursor = ''; ;) {
      const { body } = await stack.request(lister, 'GET', `/tasks?limit=2${cursor}`);
      pages.push(ids(body));
      if (!body.nextCursor) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(pages).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('ends a page before it is more than Lambda takes', async () => {
    const hoarder = { sub: 'hoarder', workspace: 'large' };
    const description = '\u0001'.repeat(10_000);
    const Items = Array.from({ length: 120 }, (_, index) => ({
      workspace: 'large',
      id: index + 1,
      description,
    }));
    const TableName = stack.local.tables['tasks'];
    for (const Item of Items) await stack.database.send(new PutCommand({ TableName, Item }));
    const found: number[] = [];
    const sizes: number[] = [];
    for (let query = ''; ;) {
      const { status, body } = await stack.request(hoarder, 'GET', `/tasks${query}`);
      expect(status).toBe(200);
      found.push(...ids(body));
      sizes.push(body.tasks.length);
      if (!body.nextCursor) break;
      query = `?cursor=${body.nextCursor}`;
    }
    expect(found).toEqual(Items.map(({ id }) => id));
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(50);
  });

  it.each([
    ['limit=0', 'invalid_parameter'],
    ['limit=1001', 'invalid_parameter'],
    ['limit=1e2', 'invalid_parameter'],
    ['status=lost', 'invalid_parameter'],
    ['status=done,', 'invalid_parameter'],
    ['tasks=1,x', 'invalid_parameter'],
    ['events=task.created', 'invalid_parameter'],
    ['archived=yes', 'invalid_parameter'],
    ['colour=red', 'invalid_parameter'],
    ['__proto__=1', 'invalid_parameter'],
    ['cursor=nonsense', 'invalid_cursor'],
  ])('refuses %s', async (query, code) => {
    expect(await stack.request(lister, 'GET', `/tasks?${query}`)).toMatchObject({
      status: 400,
      body: { code },
    });
  });
});
