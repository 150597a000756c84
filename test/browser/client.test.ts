import type { Browser, BrowserContext } from 'playwright-core';
import type { TestStack, Who } from '../end-to-end/stack.ts';
import { TestStack as Stack } from '../end-to-end/stack.ts';
import { launchBrowser } from './browser.ts';
import type { PageConnectOptions } from './client-page.ts';
import { ClientPage, pageDirectory } from './client-page.ts';
import { Relay } from './relay.ts';

let stack: TestStack;
let relay: Relay;
let browser: Browser;
let context: BrowserContext;
beforeAll(async () => {
  browser = await launchBrowser();
  // Two pings of a second and 5 s are the longest silence.
  stack = await Stack.start({ pageDirectory, environment: { HEARTBEAT_SECONDS: '1' } });
  relay = await Relay.start(stack.local.port);
});
afterAll(async () => {
  await browser.close();
  await relay.close();
  await stack.close();
});
beforeEach(async () => {
  relay.reset();
  context = await browser.newContext();
});
afterEach(() => context.close());

const transports = ['fetch', 'eventsource', 'websocket'] as const;

/** Opens a page at the relay. */
const open = (who: Who, options: PageConnectOptions): Promise<ClientPage> =>
  ClientPage.open(stack, context, who, { url: `http://localhost:${relay.port}`, ...options });

/** Writes a task, past the relay, and gives its id. */
async function write(workspace: string | undefined, name: string): Promise<number> {
  const { body } = await stack.request({ sub: 'bob', workspace: workspace! }, 'POST', '/tasks', { name });
  return body.task.id;
}

describe.each(transports)('a page that connects by %s', (transport) => {
  const user = (name: string): Who => ({ sub: 'ana', workspace: `${transport}-${name}` });

  it('is told of each change once and in order, and complains of nothing', async () => {
    const who = user('plain');
    const page = await open(who, { transport });
    await page.isIn('live');
    const written: number[] = [];
    for (let count = 0; count < 10; count += 1) written.push(await write(who.workspace, `task ${count}`));
    await page.hears(written.at(-1)!);
    expect(page.told).toEqual(written);
    expect(page.reloads).toEqual(['started']);
    expect(page.statuses.map(({ state }) => state)).toEqual(['connecting', 'live']);
    expect(page.complaints).toEqual([]);
  });

  it('is told of what its filter lets through', async () => {
    const who = user('filter');
    const page = await open(who, { transport, events: ['task.deleted'], status: ['inbox', 'done'] });
    await page.isIn('live');
    const id = await write(who.workspace, 'gone soon');
    await stack.request(who, 'DELETE', `/tasks/${id}`);
    await page.hears(id);
    expect(page.events.map(({ type }) => type)).toEqual(['task.deleted']);
  });

  it('goes on where it was when its connection is cut', async () => {
    const who = user('cut');
    const page = await open(who, { transport });
    await page.isIn('live');
    const first = await write(who.workspace, 'before');
    await page.hears(first);
    relay.goSilent();
    const second = await write(who.workspace, 'meanwhile');
    relay.reset();
    const third = await write(who.workspace, 'after');
    await page.hears(third);
    await page.isIn('live');
    expect(page.told).toEqual([first, second, third]);
    expect(page.reloads).toEqual(['started']);
    expect(page.statuses.map(({ state }) => state)).toContain('recovering');
  });

  it('says so when the network is gone, and goes on where it was when it is back', async () => {
    const who = user('offline');
    const page = await open(who, { transport });
    await page.isIn('live');
    await context.setOffline(true);
    await page.isIn('offline');
    const id = await write(who.workspace, 'meanwhile');
    await context.setOffline(false);
    await page.hears(id);
    await page.isIn('live');
    expect(page.told).toEqual([id]);
  });

  it('outlives its tokens', async () => {
    const who = { ...user('expiring'), expiresIn: 12 };
    const page = await open(who, { transport });
    await page.isIn('live');
    const written: number[] = [];
    for (let count = 0; page.asked.length < 3 || count < 3; count += 1) {
      written.push(await write(who.workspace, `task ${count}`));
      await page.hears(written.at(-1)!);
    }
    expect(page.told).toEqual(written);
    expect(page.statuses.map(({ state }) => state)).not.toContain('denied');
    expect(page.reloads).toEqual(['started']);
  });

  it('is denied with a token that nobody can use, and says why', async () => {
    const page = await open(user('forged'), { transport, token: 'no.such.token' });
    await page.isIn('denied');
    expect(page.status).toMatchObject({
      reason: 'token_malformed',
      message: expect.stringMatching(/token/i),
    });
  });

  it('is denied what there is not, and says which there are', async () => {
    const page = await open(user('unknown'), { transport, status: ['nowhere' as 'inbox'] });
    await page.isIn('denied');
    expect(page.status).toMatchObject({
      reason: 'invalid_parameter',
      message: expect.stringMatching(/inbox/),
    });
  });

  it('is denied when an admin revokes the rights, and says so', async () => {
    const who = user('ended');
    const page = await open(who, { transport });
    await page.isIn('live');
    const admin = { ...who, sub: 'root', admin: true };
    await stack.request(admin, 'POST', '/sse/revocations', { userId: who.sub });
    await page.isIn('denied');
    expect(page.status).toMatchObject({ reason: 'revoked', message: 'An admin has revoked your rights.' });
  });

  it('leaves the stream while it is kept for "back", and says goodbye', async () => {
    const who = user('kept');
    const page = await open(who, { transport });
    await page.isIn('live');
    const countOpen = async (): Promise<number> =>
      (await stack.request({ ...who, sub: 'root', admin: true }, 'GET', '/sse/stats')).body.totalConnections;
    expect(await countOpen()).toBe(1);
    await page.page.evaluate(`dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))`);
    await page.isIn('offline');
    while ((await countOpen()) > 0);
    const id = await write(who.workspace, 'meanwhile');
    await page.page.evaluate(`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`);
    await page.hears(id);
    expect(page.told).toEqual([id]);
  });
});

describe.each(['fetch', 'eventsource'] as const)(
  'a page whose connection by %s has gone silent',
  (transport) => {
    it('takes it for dead after two pings, and goes on where it was', async () => {
      const who = { sub: 'ana', workspace: `${transport}-silent` };
      const page = await open(who, { transport });
      await page.isIn('live');
      // How often pings come shows when there were two.
      await page.page.evaluate(`new Promise((resolve) => {
      let pings = 0;
      connection.on('frame', ({ name }) => name === 'ping' && ++pings === 2 && resolve());
    })`);
      relay.goSilent();
      const id = await write(who.workspace, 'meanwhile');
      await page.isIn('recovering');
      expect(page.status).toMatchObject({ reason: 'silent' });
      relay.reset();
      await page.hears(id);
      await page.isIn('live');
      expect(page.told).toEqual([id]);
    });
  },
);

describe('tabs of one browser', () => {
  const countOpen = async (workspace: string): Promise<number> =>
    (await stack.request({ sub: 'root', workspace, admin: true }, 'GET', '/sse/stats')).body.totalConnections;

  it.each(transports)('have one stream by %s together, and each is told of everything', async (transport) => {
    const who = { sub: 'ana', workspace: `${transport}-shared` };
    const tabs = [
      await open(who, { transport }),
      await open(who, { transport }),
      await open(who, { transport }),
    ];
    for (const tab of tabs) await tab.isIn('live');
    expect(await countOpen(who.workspace)).toBe(1);
    const first = await write(who.workspace, 'for all');
    for (const tab of tabs) await tab.hears(first);
    // Whichever leads goes without a word.
    await tabs[0]!.page.close();
    const second = await write(who.workspace, 'for those who are left');
    for (const tab of tabs.slice(1)) {
      await tab.hears(second);
      expect(tab.told).toEqual([first, second]);
      expect(tab.reloads).toEqual(['started']);
    }
  });

  it('have one each where they want it', async () => {
    const who = { sub: 'ana', workspace: 'unshared' };
    for (const tab of [await open(who, { share: false }), await open(who, { share: false })])
      await tab.isIn('live');
    expect(await countOpen(who.workspace)).toBe(2);
  });

  it('share nothing with a tab whose token becomes that of another user, and tell it what that may see', async () => {
    const workspace = 'changing';
    const other = await open({ sub: 'ana', workspace }, {});
    await other.isIn('live');
    const changing = await open({ sub: 'ana', workspace }, {});
    await changing.isIn('live');
    expect(await countOpen(workspace)).toBe(1);
    const token = await stack.local.issuer.sign({ sub: 'eve', workspace });
    // The page has signed in as somebody else, and sends a request.
    await changing.page.evaluate(`
      globalThis.freshToken = () => ${JSON.stringify(token)};
      connection.send('GET', '/tasks?limit=1');
    `);
    await changing.until(() => changing.reloads.length === 2);
    await changing.isIn('live');
    expect(await countOpen(workspace)).toBe(2);
    const { body } = await stack.request({ sub: 'ana', workspace }, 'POST', '/tasks', {
      name: 'of ana alone',
      visibility: 'private',
    });
    await other.hears(body.task.id);
    const all = await write(workspace, 'for all');
    await changing.hears(all);
    expect(changing.told).toEqual([all]);
  });
});
