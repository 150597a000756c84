import type { Browser, BrowserContext } from 'playwright-core';
import { TestStack } from '../end-to-end/stack.ts';
import { launchBrowser } from './browser.ts';
import { pageDirectory } from './client-page.ts';
import { EventServer } from './event-server.ts';
import type { PlainBrowser } from './plain-browser.ts';
import { startPlainBrowser } from './plain-browser.ts';
import { ReactPage } from './react-page.ts';

/** Many times what anything takes here. Milliseconds. */
const patienceMs = 60_000;

let stack: TestStack;
let browser: Browser;
let context: BrowserContext;
beforeAll(async () => {
  browser = await launchBrowser();
  stack = await TestStack.start({ pageDirectory });
});
afterAll(async () => {
  await browser.close();
  await stack.close();
});
beforeEach(async () => {
  context = await browser.newContext();
});
afterEach(() => context.close());

async function users(workspace: string): Promise<string[]> {
  const { body } = await stack.request({ sub: 'root', workspace, admin: true }, 'GET', '/sse/stats');
  return body.connections.map(({ userId }: { userId: string }) => userId);
}

async function create(workspace: string, name: string): Promise<number> {
  const { body } = await stack.request({ sub: 'bob', workspace }, 'POST', '/tasks', { name });
  return body.task.id;
}

/** Resolves when the open streams of a workspace are those of these users. @throws when they never are. */
async function hasStreamsOf(workspace: string, ...expected: readonly string[]): Promise<void> {
  const patienceEnds = Date.now() + patienceMs;
  let found: string[];
  do found = await users(workspace);
  while (found.toSorted().join() !== expected.join() && Date.now() < patienceEnds);
  expect(found).toEqual(expected);
}

describe('useTaskEvents', () => {
  it('gives what happens as the example of the contract does, and has no stream without a token', async () => {
    const workspace = 'contract';
    const token = await stack.local.issuer.sign({ sub: 'ana', workspace });
    const page = await ReactPage.of(stack, context, workspace);
    for (const none of ['', null]) await page.show('Events', { name: 'nobody', token: none });
    await page.has('#events', '[]');
    expect(page.streams).toEqual([]);
    await page.show('Events', { name: 'ana', token });
    await page.has('#events', 'connection.established');
    const id = await create(workspace, 'Milk');
    await page.has('#events', 'task.created');
    const { shown } = await page.observed();
    expect(shown.at(-1)![1]).toMatchObject([
      { type: 'connection.established', userId: 'ana' },
      { type: 'task.created', taskId: id, task: { name: 'Milk' } },
    ]);
    await page.show('Events', { name: 'nobody', token: '' });
    await page.has('#events', /^\[\]$/);
    expect(page.complaints).toEqual([]);
  });

  it('has one stream in StrictMode, and none when the component has gone', async () => {
    const workspace = 'strict';
    const page = await ReactPage.of(stack, context, workspace);
    await page.show('Events', { name: 'ana', by: 'ana' });
    await page.has('#events', 'connection.established');
    expect(await users(workspace)).toEqual(['ana']);
    expect(page.streams).toHaveLength(1);
    await page.page.evaluate('unmount()');
    await hasStreamsOf(workspace);
    expect(page.streams).toHaveLength(1);
    expect(page.complaints).toEqual([]);
  });

  it('shows nothing of the former user with another token, from the first render on', async () => {
    const workspace = 'changed';
    const [ana, eve] = await Promise.all(
      ['ana', 'eve'].map((sub) => stack.local.issuer.sign({ sub, workspace })),
    );
    const page = await ReactPage.of(stack, context, workspace);
    await page.show('Events', { name: 'ana', token: ana! });
    await page.has('#events', 'connection.established');
    await create(workspace, 'of ana');
    await page.has('#events', 'of ana');
    await page.show('Events', { name: 'eve', token: eve! });
    await page.has('#events', '"userId":"eve"');
    await hasStreamsOf(workspace, 'eve');
    await create(workspace, 'of eve');
    await page.has('#events', 'of eve');
    const { shown } = await page.observed();
    const ofEve = shown.filter(([name]) => name === 'eve').map(([, events]) => JSON.stringify(events));
    expect(ofEve[0]).toBe('[]');
    expect(ofEve.filter((text) => text.includes('ana'))).toEqual([]);
  });

  it('asks another function without another stream, until it is for another user or has other options', async () => {
    const workspace = 'functions';
    const page = await ReactPage.of(stack, context, workspace);
    const options = { user: 'ana', limit: 2 };
    await page.show('Events', { name: 'one', by: 'ana', options });
    await page.has('#events', 'connection.established');
    await page.show('Events', { name: 'two', by: 'ana', options: { ...options } });
    for (const name of ['first', 'second', 'third']) await create(workspace, name);
    await page.has('#events', 'third');
    const { shown } = await page.observed();
    expect(shown.at(-1)![1]).toMatchObject([{ task: { name: 'second' } }, { task: { name: 'third' } }]);
    expect(page.streams).toHaveLength(1);
    await page.show('Events', { name: 'three', by: 'eve', options: { user: 'eve' } });
    await page.has('#events', '"userId":"eve"');
    await page.show('Events', {
      name: 'four',
      by: 'eve',
      options: { user: 'eve', events: ['task.deleted'] },
    });
    await page.has('#events', '"userId":"eve"');
    await hasStreamsOf(workspace, 'eve');
    expect(page.streams).toHaveLength(3);
  });
});

describe('the hooks of a connection and a store', () => {
  it('show a board, with one stream in StrictMode, and nothing of it when it has gone', async () => {
    const workspace = 'board';
    const id = await create(workspace, 'Milk');
    const page = await ReactPage.of(stack, context, workspace);
    await page.show('Board', { name: 'ana', by: 'ana' });
    await page.has('output', 'live');
    await page.has('#tasks', /^ready Milk$/);
    await stack.request({ sub: 'bob', workspace }, 'PATCH', `/tasks/${id}`, { name: 'Bread' });
    await page.has('#tasks', /^ready Bread$/);
    await page.page.evaluate('unmount()');
    await hasStreamsOf(workspace);
    expect(page.streams).toHaveLength(1);
    expect(page.complaints).toEqual([]);
  });

  it('render no component for what it does not show, at 100 events a second', async () => {
    const server = await EventServer.start([7, 8, 9]);
    try {
      const page = await ReactPage.open(context, server.url);
      await page.show('Board', { name: 'ana', token: 'a token' });
      await page.has('output', 'live');
      await page.has('#task-9', 'task 9');
      const { renders: before } = await page.observed();
      await server.tellEvery(10, 300, (count) => (count % 100 === 50 ? 7 : 8));
      await page.has('#tasks', 'change 300');
      const { renders: after } = await page.observed();
      const rendered = (name: string): number => after[name]! - before[name]!;
      // StrictMode renders twice.
      expect(rendered('task 7')).toBe(2 * 3);
      expect([rendered('task 9'), rendered('status'), rendered('board')]).toEqual([0, 0, 0]);
      expect(rendered('tasks')).toBeGreaterThan(0);
      expect(rendered('tasks')).toBeLessThanOrEqual(2 * 300);
      expect(server.streams).toBe(1);
    } finally {
      await server.close();
    }
  });
});

describe.each(['fetch', 'websocket'] as const)('two pages with presence, by %s,', (transport) => {
  let first: PlainBrowser;
  let second: PlainBrowser;
  beforeAll(async () => {
    [first, second] = await Promise.all([startPlainBrowser(), startPlainBrowser()]);
  });
  afterAll(() => Promise.all([first.kill(), second.kill()]));

  it('see each other come, hide, type and leave', async () => {
    const workspace = `presence-${transport}`;
    const taskId = await create(workspace, 'Milk');
    const [ana, bob] = await Promise.all(
      [first, second].map(({ tabs }) => ReactPage.of(stack, tabs, workspace)),
    );
    const room = { options: { transport } };
    await ana!.show('Room', { name: 'ana', by: 'ana', ...room });
    await ana!.has('#room', '"viewers":["ana active"],"atTask":[],"typing":[]');
    await bob!.show('Room', { name: 'bob', by: 'bob', taskId, ...room });
    for (const page of [ana!, bob!]) await page.has('#room', '"viewers":["ana active","bob active"]');
    await ana!.show('Room', { name: 'ana', by: 'ana', taskId, ...room });
    for (const page of [ana!, bob!]) await page.has('#room', '"atTask":["ana","bob"]');

    await bob!.page.evaluate(`type(${taskId})`);
    await ana!.has('#room', '"typing":["bob"]');
    // Nothing is typed any more.
    await ana!.has('#room', '"typing":[]');

    const inFront = await second.tabs.newPage();
    await inFront.bringToFront();
    await ana!.has('#room', '"viewers":["ana active","bob hidden"]');
    await bob!.page.bringToFront();
    await ana!.has('#room', '"viewers":["ana active","bob active"]');

    const wentAt = Date.now();
    await bob!.page.goto('about:blank');
    await ana!.has('#room', '"viewers":["ana active"]');
    // Its lease is a minute.
    expect(Date.now() - wentAt).toBeLessThan(30_000);
    expect(ana!.complaints).toEqual([]);
  });

  it('see that a component has gone, which closes presence and connection', async () => {
    const workspace = `gone-${transport}`;
    const [ana, bob] = await Promise.all(
      [first, second].map(({ tabs }) => ReactPage.of(stack, tabs, workspace)),
    );
    const options = { transport };
    await ana!.show('Room', { name: 'ana', by: 'ana', options });
    await bob!.show('Room', { name: 'bob', by: 'bob', options });
    await ana!.has('#room', '"viewers":["ana active","bob active"]');
    const wentAt = Date.now();
    await bob!.page.evaluate('unmount()');
    await ana!.has('#room', '"viewers":["ana active"]');
    expect(Date.now() - wentAt).toBeLessThan(30_000);
  });
});
