import type { Browser, BrowserContext } from 'playwright-core';
import type { Who } from '../end-to-end/stack.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { launchBrowser } from './browser.ts';
import { pageDirectory, SharingPage } from './sharing-page.ts';

/** Several times what it takes to notice that a leader stands still. Milliseconds. */
const stillMs = 25_000;

let stack: TestStack;
let browser: Browser;
let tabs: BrowserContext;
beforeAll(async () => {
  [stack, browser] = await Promise.all([TestStack.start({ pageDirectory }), launchBrowser()]);
});
beforeEach(async () => {
  tabs = await browser.newContext();
});
afterEach(() => tabs.close());
afterAll(async () => {
  await browser.close();
  await stack.close();
});

async function streamsOf(workspace: string): Promise<readonly { readonly userId: string }[]> {
  const admin = { sub: 'root', workspace, admin: true };
  return (await stack.request(admin, 'GET', '/sse/stats')).body.connections;
}

async function openTabs(who: Who, count: number): Promise<SharingPage[]> {
  const pages: SharingPage[] = [];
  for (let index = 0; index < count; index += 1) pages.push(await SharingPage.open(stack, tabs, who));
  return pages;
}

/** Creates tasks one after another; gives their names. */
async function create(who: Who, count: number, prefix: string, more: object = {}): Promise<string[]> {
  const names = Array.from({ length: count }, (_, index) => `${prefix} ${index}`);
  for (const name of names) await stack.request(who, 'POST', '/tasks', { name, ...more });
  return names;
}

/** Expects that each tab was told of these tasks, each once and in this order, and to load once. */
async function expectTold(pages: readonly SharingPage[], names: readonly string[]): Promise<void> {
  await Promise.all(pages.map((page) => page.hears(names.at(-1)!)));
  expect(pages.map(({ events }) => events)).toEqual(pages.map(() => names));
  expect(pages.map(({ reloads }) => reloads)).toEqual(pages.map(() => ['started']));
}

describe('ten tabs of a user in one browser, over HTTP/1.1,', () => {
  it('have one stream, and hear each event once; the tenth can still make requests', async () => {
    const alice = { sub: 'alice', workspace: 'ten' };
    const pages = await openTabs(alice, 10);
    expect(pages.map(({ leads }) => leads)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(await streamsOf('ten')).toHaveLength(1);
    const names = await create(alice, 20, 'task');
    await expectTold(pages, names);
    const status = await pages[9]!.page.evaluate("fetch('/tasks').then(({ status }) => status)");
    expect(status).toBe(401);
    expect(await streamsOf('ten')).toHaveLength(1);
  });
});

describe('tabs whose leader', () => {
  it('dies, and the next one too, while tasks are written, miss nothing and hear nothing twice', async () => {
    const alice = { sub: 'alice', workspace: 'dying' };
    const pages = await openTabs(alice, 5);
    const [first, second, ...others] = pages;
    const written = create(alice, 60, 'task');
    await others[0]!.hears('task 10');
    await first!.page.close();
    await second!.until(() => second!.leads === 1);
    await second!.page.close();
    await expectTold(others, await written);
    expect(others.map(({ leads }) => leads)).toEqual([1, 0, 0]);
  });

  it('leaves for the cache of the browser, go on; and it comes back to where it was', async () => {
    const alice = { sub: 'alice', workspace: 'leaving' };
    const [first, second] = await openTabs(alice, 2);
    const before = await create(alice, 3, 'before');
    await expectTold([first!, second!], before);
    await first!.page.evaluate("source.pause({ state: 'offline', reason: 'paused' })");
    await second!.until(() => second!.leads === 1 && second!.status === 'live');
    const meanwhile = await create(alice, 3, 'meanwhile');
    await second!.hears('meanwhile 2');
    expect(first!.events).toEqual(before);
    await first!.page.evaluate('source.open()');
    const after = await create(alice, 3, 'after');
    await expectTold([first!, second!], [...before, ...meanwhile, ...after]);
    expect(first!.leads).toBe(1);
    expect(await streamsOf('leaving')).toHaveLength(1);
  });

  it('stands still take its place, and take it in again', async () => {
    const alice = { sub: 'alice', workspace: 'still' };
    const pages = await openTabs(alice, 3);
    const [leader, ...others] = pages;
    const before = await create(alice, 3, 'before');
    await expectTold(pages, before);
    // As a page that is frozen, which a test cannot order for one that is seen: it runs nothing else.
    const still = leader!.page.evaluate(`for (const end = Date.now() + ${stillMs}; Date.now() < end;);`);
    const meanwhile = await create(alice, 5, 'meanwhile');
    // What a tab hears whose machine has woken: it looks whether its leader answers.
    await others[0]!.page.evaluate("dispatchEvent(new Event('online'))");
    await expectTold(others, [...before, ...meanwhile]);
    expect(leader!.events).toEqual(before);
    expect(others.reduce((count, { leads }) => count + leads, 0)).toBe(1);
    await still;
    const after = await create(alice, 5, 'after');
    await expectTold(pages, [...before, ...meanwhile, ...after]);
    expect(leader!.leads).toBe(1);
  });
});

describe('two users in one browser', () => {
  it('have a stream each, and neither hears what the other alone may see', async () => {
    const workspace = 'two';
    const [alice, bob] = [
      { sub: 'alice', workspace },
      { sub: 'bob', workspace },
    ];
    const ofAlice = await openTabs(alice, 2);
    const ofBob = await openTabs(bob, 2);
    expect((await streamsOf(workspace)).map(({ userId }) => userId).toSorted()).toEqual(['alice', 'bob']);
    const secrets = await create(alice, 3, 'of alice', { visibility: 'private' });
    const others = await create(bob, 3, 'of bob', { visibility: 'private' });
    const shared = await create(alice, 2, 'of both');
    await expectTold(ofAlice, [...secrets, ...shared]);
    await expectTold(ofBob, [...others, ...shared]);
  });

  it('are told who is there when they join, as the first tab was', async () => {
    const alice = { sub: 'alice', workspace: 'presence' };
    const first = await SharingPage.open(stack, tabs, alice, true);
    const isTold = (page: SharingPage): boolean =>
      page.told.some(({ kind, text }) => kind === 'presence' && text === 'presence.snapshot');
    await first.until(() => isTold(first));
    const second = await SharingPage.open(stack, tabs, alice, true);
    await second.until(() => isTold(second));
    expect(await streamsOf('presence')).toHaveLength(1);
  });
});
