import { told, type, untilTold, view, watch, whoIsThere } from './awareness.ts';
import type { Answered, Who } from './stack.ts';
import { TestStack } from './stack.ts';
import type { Subscribed } from './transports.ts';
import { transports } from './transports.ts';

const alice: Who = { sub: 'alice', workspace: 'presence-requests' };
const bob: Who = { ...alice, sub: 'bob' };

let stack: TestStack;
let tokenOfAlice: string;
let watching: Subscribed;
beforeAll(async () => {
  stack = await TestStack.start();
  tokenOfAlice = await stack.local.issuer.sign(alice);
  for (let id = 1; id <= 7; id += 1) {
    await stack.request(alice, 'POST', '/tasks', {
      name: String(id),
      ...(id === 3 && { visibility: 'private' }),
    });
  }
  watching = await watch(transports[0]!, stack, bob);
});
afterAll(() => stack.close());

/** As a page that closes sends it: plain text, without a header. */
const beacon = (path: string, body: object): Promise<Answered> =>
  stack.send('POST', path, {
    headers: { 'content-type': 'text/plain;charset=UTF-8' },
    body: JSON.stringify(body),
  });

const page = { viewId: 'page', state: 'active' };

/** Requests of bob, who does not see task 3, that are refused. */
const wrongRequests = [
  ['/presence', 400, 'invalid_json', 'no JSON'],
  ['/presence', 400, 'invalid_json', ''],
  ['/presence', 400, 'invalid_field', '[]'],
  ['/presence', 400, 'invalid_field', 'null'],
  ['/presence', 400, 'invalid_field', '{}'],
  ['/presence', 400, 'invalid_field', { viewId: 'page' }],
  ['/presence', 400, 'invalid_field', { state: 'active' }],
  ['/presence', 400, 'invalid_field', { ...page, viewId: '' }],
  ['/presence', 400, 'invalid_field', { ...page, viewId: 'a b' }],
  ['/presence', 400, 'invalid_field', { ...page, viewId: 'x'.repeat(65) }],
  ['/presence', 400, 'invalid_field', { ...page, viewId: 7 }],
  ['/presence', 400, 'invalid_field', { ...page, state: 'away' }],
  ['/presence', 400, 'invalid_field', { ...page, lease: 9 }],
  ['/presence', 400, 'invalid_field', { ...page, viewId: '__proto__' }],
  ['/presence', 400, 'invalid_field', { ...page, lease: 301 }],
  ['/presence', 400, 'invalid_field', { ...page, lease: 10.5 }],
  ['/presence', 400, 'invalid_field', { ...page, lease: '60' }],
  ['/presence', 400, 'invalid_field', { ...page, taskId: 0 }],
  ['/presence', 400, 'invalid_field', { ...page, taskId: '7' }],
  ['/presence', 400, 'unknown_field', { ...page, userId: 'bob' }],
  ['/presence', 404, 'task_not_found', { ...page, taskId: 3 }],
  ['/presence', 404, 'task_not_found', { ...page, taskId: 99 }],
  ['/presence', 413, 'payload_too_large', { ...page, viewId: 'x'.repeat(65_536) }],
  ['/tasks/7/typing', 400, 'invalid_json', '{'],
  ['/tasks/7/typing', 400, 'invalid_field', 'true'],
  ['/tasks/7/typing', 400, 'invalid_field', { typing: 'yes' }],
  ['/tasks/7/typing', 400, 'unknown_field', { typing: true, taskId: 6 }],
  ['/tasks/7/typing', 413, 'payload_too_large', { typing: 'x'.repeat(65_536) }],
  ['/tasks/x/typing', 400, 'invalid_task_id', { typing: true }],
  ['/tasks/0/typing', 400, 'invalid_task_id', { typing: true }],
  ['/tasks/3/typing', 404, 'task_not_found', { typing: true }],
  ['/tasks/99/typing', 404, 'task_not_found', { typing: true }],
] as const;

describe('the requests about presence and typing', () => {
  it('are answered with until when it counts', async () => {
    const began = Date.now();
    const noted = await stack.request(alice, 'POST', '/presence', { ...page, taskId: 7, lease: 10 });
    const typing = await type(stack, alice, 7);
    await type(stack, alice, 7, false);
    const list = await stack.request(alice, 'GET', '/presence');
    for (const { status, headers } of [noted, typing, list]) {
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('no-store');
    }
    expect(noted.body).toEqual({ viewId: 'page', expiresAt: expect.any(String) });
    expect(Date.parse(noted.body.expiresAt)).toBeGreaterThanOrEqual(began + 10_000);
    expect(typing.body).toEqual({ taskId: 7, typing: true, expiresAt: expect.any(String) });
    expect(Date.parse(typing.body.expiresAt)).toBeGreaterThanOrEqual(began + 6000);
    const usual = await stack.request(alice, 'POST', '/presence', page);
    expect(Date.parse(usual.body.expiresAt)).toBeGreaterThanOrEqual(began + 60_000);
    expect(list.body).toEqual({
      viewers: [
        { userId: 'alice', state: 'active', tasks: [7], since: expect.stringMatching(/^\d{4}-.*Z$/) },
      ],
    });
  });

  it('give the frames of a stream names where it is to have names, and never an id', async () => {
    const stream = await stack.connect(bob, { presence: 'true', named: 'true' });
    const frames = await stream.until((seen) => seen.some(({ data }) => data.last === true));
    const snapshot = frames.find(({ data }) => data.last === true);
    expect(snapshot).toMatchObject({ id: undefined, event: 'presence.snapshot' });
    stream.cut();
  });

  it('may have a slash at the end', async () => {
    expect(await stack.request(bob, 'POST', '/presence/', { ...page, taskId: 7 })).toMatchObject({
      status: 200,
    });
    expect(await stack.request(bob, 'GET', '/presence/')).toMatchObject({ status: 200 });
    expect(await stack.request(bob, 'POST', '/tasks/7/typing/')).toMatchObject({ status: 200 });
    expect(await stack.request(bob, 'POST', '/presence/', { ...page, state: 'left' })).toMatchObject({
      status: 200,
    });
  });

  it('come from a page that closes as plain text with the token in it', async () => {
    await view(stack, alice, 'closing');
    expect(await whoIsThere(stack, bob)).toEqual(['alice']);
    for (const viewId of ['closing', 'page']) {
      // The task that was open may be gone by then.
      const said = { viewId, state: 'left', taskId: 99, token: tokenOfAlice };
      const answer = await beacon('/presence', said);
      expect(answer).toMatchObject({ status: 200, body: { viewId } });
    }
    await untilTold(watching, 'left alice');
    expect(await whoIsThere(stack, bob)).toEqual([]);
    expect(await beacon('/presence', page)).toMatchObject({ status: 401, body: { code: 'token_missing' } });
    const ticket = await stack.ticketFor(tokenOfAlice);
    expect(await beacon('/presence', { ...page, token: ticket })).toMatchObject({ status: 401 });
    // Nobody says with a beacon that it types.
    expect(await beacon('/tasks/7/typing', { token: tokenOfAlice })).toMatchObject({ status: 401 });
  });

  it('take any name of a page', async () => {
    const user: Who = { sub: 'namer', workspace: 'names-of-pages' };
    for (const viewId of ['constructor', 'toString', 'prototype', '0', 'a-_'.repeat(21)]) {
      await view(stack, user, viewId, { lease: 300 });
      expect(await whoIsThere(stack, user)).toEqual(['namer']);
      await view(stack, user, viewId, { state: 'left' });
      expect(await whoIsThere(stack, user)).toEqual([]);
    }
  });

  it('come from many pages at once, and each counts', async () => {
    const user: Who = { sub: 'tabs', workspace: 'many-tabs' };
    const pages = Array.from({ length: 15 }, (_, index) => `page-${index}`);
    for (const state of ['active', 'left']) {
      const answers = await Promise.all(
        pages.map((viewId) => stack.request(user, 'POST', '/presence', { viewId, state, lease: 300 })),
      );
      expect(answers.map(({ status }) => status)).toEqual(pages.map(() => 200));
      expect(await whoIsThere(stack, user)).toEqual(state === 'left' ? [] : ['tabs']);
    }
  });

  it('are refused where they are wrong, and change nothing then', async () => {
    const before = told(watching).length;
    for (const [path, status, code, body] of wrongRequests) {
      const answer = await stack.request(bob, 'POST', path, body);
      const wrong = JSON.stringify(body).slice(0, 80);
      expect({ path, wrong, status: answer.status, code: answer.body.code }).toEqual({
        path,
        wrong,
        status,
        code,
      });
    }
    await view(stack, alice, 'page');
    await untilTold(watching, 'joined alice');
    expect(await whoIsThere(stack, alice)).toEqual(['alice']);
    await view(stack, alice, 'page', { state: 'left' });
    await watching.until(() => told(watching).length >= before + 2);
    expect(told(watching).slice(before)).toEqual(['joined alice', 'left alice']);
  });

  it.each(['/presence', '/tasks/7/typing'])('are JSON, or refused: %s 415', async (path) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await stack.request(bob, 'POST', path, 'viewId=page', headers)).toMatchObject({
      status: 415,
      body: { code: 'unsupported_media_type' },
    });
    expect(await whoIsThere(stack, alice)).toEqual([]);
  });

  it.each([
    ['PUT', '/presence', 'GET, POST'],
    ['DELETE', '/presence', 'GET, POST'],
    ['GET', '/tasks/7/typing', 'POST'],
    ['DELETE', '/tasks/7/typing', 'POST'],
  ])('%s %s is 405', async (method, path, allow) => {
    const { status, body, headers } = await stack.request(alice, method, path);
    expect({ status, code: body.code, allow: headers.get('allow') }).toEqual({
      status: 405,
      code: 'method_not_allowed',
      allow,
    });
  });

  it.each([
    ['GET', '/presence'],
    ['POST', '/presence'],
    ['POST', '/tasks/7/typing'],
  ])('%s %s with another than a token is 401', async (method, path) => {
    const headers = { authorization: 'Bearer none' };
    expect(await stack.send(method, path, { headers })).toMatchObject({
      status: 401,
      body: { code: 'token_malformed' },
    });
  });

  it('are too many after a while, which another user does not feel', async () => {
    const answers: Answered[] = [];
    // 40 at once, and two more with each second: whoever says it without a pause comes to an end.
    do answers.push(await stack.request(bob, 'POST', '/presence', page));
    while (answers.at(-1)!.status === 200 && answers.length < 2000);
    expect(answers.length).toBeGreaterThan(40);
    expect(answers.at(-1)).toMatchObject({ status: 429, body: { code: 'throttled' } });
    expect(answers.at(-1)!.headers.get('retry-after')).toBe('1');
    await view(stack, alice, 'page');
    expect(await whoIsThere(stack, alice)).toEqual(['alice', 'bob']);
  });
});
