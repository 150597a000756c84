import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { TestStack } from '../end-to-end/stack.ts';
import { launchBrowser } from './browser.ts';
import { Relay } from './relay.ts';
import { StreamFrames } from './stream-frames.ts';

let stack: TestStack;
let browser: Browser;
let relay: Relay;
let page: Page;
let frames: StreamFrames;
beforeAll(async () => {
  const pageDirectory = fileURLToPath(new URL('../../dashboard', import.meta.url));
  stack = await TestStack.start({ pageDirectory });
  relay = await Relay.start(stack.local.port);
  // The stack under its own address, by way of the relay.
  const rule = `MAP localhost:${stack.local.port} 127.0.0.1:${relay.port}`;
  browser = await launchBrowser([`--host-resolver-rules=${rule}`]);
});
beforeEach(async () => {
  relay.reset();
  page = await browser.newPage();
  frames = await StreamFrames.of(page);
  // The page's clocks and timers are the test's; what the network brings is not.
  await page.clock.install();
});
afterEach(async () => {
  await page.close();
});
afterAll(async () => {
  await browser.close();
  await relay.close();
  await stack.close();
});

async function openBoard(workspace: string): Promise<void> {
  await page.goto(`${stack.local.url}/?workspace=${workspace}`);
  await hasState('live');
  await page.locator('#board[aria-busy="false"]').waitFor();
}

async function hasState(state: string): Promise<void> {
  await page.locator(`#connection[data-state="${state}"]`).waitFor();
}

/**
 * Lets time pass for the page until it is live. What it tries meanwhile goes first over the dead connections that the
 * browser has kept, unless the relay is as new; each such attempt has its time.
 */
async function comesBack(): Promise<void> {
  const isLive = page.locator('#connection[data-state="live"]');
  for (let attempt = 1; attempt <= 30; attempt += 1) {
    // A slow machine may take longer to connect than the first ones wait.
    const isBack = await isLive.waitFor({ timeout: Math.min(attempt, 5) * 1000 }).then(
      () => true,
      () => false,
    );
    if (isBack) return;
    await page.clock.fastForward(31_000);
  }
  await isLive.waitFor();
}

/** Writes a task past the relay, and waits until the board shows it. */
async function writeAndSee(workspace: string, name: string): Promise<void> {
  await write(workspace, name);
  await page.locator('.card .name').getByText(name, { exact: true }).waitFor();
}

async function write(workspace: string, name: string): Promise<void> {
  await stack.request({ sub: 'bob', workspace }, 'POST', '/tasks', { name });
}

describe('the page, when its connection has died without a word,', () => {
  it('says so after two pings that did not come, and goes on after its cursor when there is a way again', async () => {
    await openBoard('silent');
    // From here on the page's time passes as the test says, and is not that of a slow machine.
    await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 60_000);
    await comesBack();
    await writeAndSee('silent', 'before');
    relay.goSilent();
    await write('silent', 'meanwhile');
    await page.clock.runFor(34_000);
    await hasState('live');
    await page.clock.runFor(4_000);
    await hasState('recovering');

    // Nor is the attempt answered, nor the question why.
    await page.clock.runFor(120_000);
    await hasState('recovering');
    relay.forwardNew();
    await comesBack();
    await page.locator('.card .name').getByText('meanwhile', { exact: true }).waitFor();
    const resumed = frames.of('resume').map(({ data }) => data);
    expect(new Set(resumed)).toEqual(new Set(['{"complete":true}']));
    expect(frames.of('task.created')).toHaveLength(2);
  });

  it('reconnects at once after a sleep', async () => {
    await openBoard('asleep');
    relay.goSilent();
    await page.clock.fastForward(25_000);
    await hasState('recovering');
    relay.reset();
    await comesBack();
    await writeAndSee('asleep', 'after');
    expect(frames.types.at(-1)).toBe('task.created');
  });

  it('reconnects when the browser says that the network is gone, and when it is back', async () => {
    await openBoard('offline');
    relay.goSilent();
    await page.evaluate(() => void window.dispatchEvent(new Event('offline')));
    await hasState('recovering');
    expect(await page.locator('#connection-detail').textContent()).toBe('The network is gone.');
    relay.reset();
    await page.clock.fastForward(6_000);
    await page.evaluate(() => void window.dispatchEvent(new Event('online')));
    await comesBack();
    await writeAndSee('offline', 'after');
  });

  it('reconnects when it is looked at after it was hidden, and lets a connection be that is alive', async () => {
    const connects: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/sse/connect')) connects.push(request.url());
    });
    await openBoard('hidden');
    const show = (): Promise<void> =>
      page.evaluate(() => void document.dispatchEvent(new Event('visibilitychange')));
    await show();
    await writeAndSee('hidden', 'alive');
    expect(connects).toHaveLength(1);
    relay.goSilent();
    // As in a hidden page, whose timers do not run.
    const now = await page.evaluate(() => Date.now());
    await page.clock.setFixedTime(now + 22_000);
    await show();
    await hasState('recovering');
    relay.reset();
    await page.clock.setSystemTime(now + 22_000);
    await comesBack();
  });
});

describe('a page that the browser keeps for "back"', () => {
  it('leaves its stream, and goes on after its cursor when it is shown again', async () => {
    await openBoard('kept');
    const move = (type: 'pagehide' | 'pageshow'): Promise<void> =>
      page.evaluate((name) => {
        window.dispatchEvent(new PageTransitionEvent(name, { persisted: true }));
      }, type);
    await move('pagehide');
    await write('kept', 'meanwhile');
    // A page that is kept does nothing, whatever wakes it.
    await page.clock.fastForward(60_000);
    await stack.local.pump.drained();
    expect(await page.locator('.card').count()).toBe(0);
    await move('pageshow');
    await page.locator('.card .name').getByText('meanwhile', { exact: true }).waitFor();
    await hasState('live');
    expect(frames.types).toEqual([
      'connection.established',
      'connection.established',
      'resume',
      'task.created',
    ]);
  });
});

describe("the protocol's example of a client that asks whether its connection is alive", () => {
  it('opens another when it has heard nothing for two pings, and misses nothing', async () => {
    const protocol = await readFile(new URL('../../docs/PROTOCOL.md', import.meta.url), 'utf8');
    const [, section = ''] = protocol.split('### Is it still alive?\n');
    const code = /```javascript\n(.*?)```/s.exec(section)?.[1] ?? '';
    const who = { sub: 'alice', workspace: 'watch' };
    const names: string[] = [];
    const { promise: isOpen, resolve: opened } = Promise.withResolvers<void>();
    const { promise: isDone, resolve: done } = Promise.withResolvers<void>();
    await page.exposeFunction('report', (data: string) => {
      const { type, task } = JSON.parse(data) as { type?: string; task?: { name: string } };
      if (type === 'connection.established') opened();
      if (type === 'task.created') names.push(task!.name);
      if (names.at(-1) === 'last') done();
    });
    await page.route('**/blank', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Watch</title>' }),
    );
    await page.goto(`${stack.local.url}/blank`);
    const given = `token = '${await stack.local.issuer.sign(who)}'; onEvent = (_, data) => report(data);`;
    await page.addScriptTag({ content: `${code}\n${given}\nstart();` });
    await isOpen;
    relay.goSilent();
    relay.forwardNew();
    await write('watch', 'meanwhile');
    await page.clock.fastForward(38_000);
    await write('watch', 'last');
    await isDone;
    expect(names).toEqual(['meanwhile', 'last']);
  });
});
