import { fileURLToPath } from 'node:url';
import type { CDPSession, Page } from 'playwright-core';
import type { LogLine } from '../../local/functions/function-process.ts';
import type { Who } from '../end-to-end/stack.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { BoardPage } from './board-page.ts';
import type { PlainBrowser } from './plain-browser.ts';
import { startPlainBrowser } from './plain-browser.ts';
import { Relay } from './relay.ts';
import { StreamFrames } from './stream-frames.ts';

let stack: TestStack;
let relay: Relay;
let browser: PlainBrowser;
let onLog: (line: LogLine) => void = () => undefined;

beforeAll(async () => {
  const pageDirectory = fileURLToPath(new URL('../../dashboard', import.meta.url));
  // The longest silence is two pings and 5 s.
  const environment = { HEARTBEAT_SECONDS: '1' };
  stack = await TestStack.start({ pageDirectory, environment, onLog: (line) => onLog(line) });
  relay = await Relay.start(stack.local.port);
  // The stack under its own address, by way of the relay.
  const rule = `MAP localhost:${stack.local.port} 127.0.0.1:${relay.port}`;
  // Playwright lets browsers that it starts itself keep no page for "back", and freeze none.
  browser = await startPlainBrowser([`--host-resolver-rules=${rule}`]);
});
beforeEach(() => relay.reset());
afterAll(async () => {
  await browser.kill();
  await relay.close();
  await stack.close();
});

interface OpenBoard {
  readonly board: BoardPage;
  readonly page: Page;
  readonly frames: StreamFrames;
  /** How often it has loaded the tasks. */
  readonly loads: () => number;
}

/** Opens the board, by way of the relay, in a tab in front. */
async function openBoard(who: Who): Promise<OpenBoard> {
  const board = new BoardPage(await browser.tabs.newPage());
  const { page } = board;
  let loads = 0;
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/tasks' && request.method() === 'GET') loads += 1;
  });
  const frames = await StreamFrames.of(page);
  await page.bringToFront();
  await board.goto(stack.local.url, `?user=${who.sub}&workspace=${who.workspace}`);
  return { board, page, frames, loads: () => loads };
}

async function write(who: Who, name: string): Promise<void> {
  expect((await stack.request(who, 'POST', '/tasks', { name })).status).toBe(201);
}

/** Resolves when a function of the stack has logged this. */
function logged(text: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  onLog = (line) => {
    if (line.text.includes(text)) resolve();
  };
  return promise;
}

describe('a page that the browser keeps for "back"', () => {
  it('leaves its stream, and goes on after its cursor when it is shown again', async () => {
    const who = { sub: 'alice', workspace: 'kept' };
    const { board, page, frames, loads } = await openBoard(who);
    // What comes with a page that is loaded anew is not there.
    await page.evaluate(`
      addEventListener('pagehide', ({ persisted }) => { globalThis.isKept = persisted; });
      addEventListener('pageshow', ({ persisted }) => { globalThis.isRestored = persisted; });
    `);
    const left = logged('disconnected');
    await page.goto('about:blank');
    await left;
    expect((await stack.request({ ...who, admin: true }, 'GET', '/sse/stats')).body.connections).toEqual([]);
    await write(who, 'meanwhile');

    // Not before the evaluation is over, which it would end.
    await page.evaluate('void setTimeout(() => history.back())');
    await board.card('meanwhile', 'inbox').waitFor();
    await board.isReady();
    expect(await page.evaluate('[isKept, isRestored]')).toEqual([true, true]);
    expect(
      await page.evaluate(`performance.getEntriesByType('navigation')[0].notRestoredReasons`),
    ).toBeNull();
    expect(loads()).toBe(1);
    await frames.has('task.created');
    expect(frames.types).toEqual([
      'connection.established',
      'connection.established',
      'resume',
      'task.created',
    ]);
    expect(frames.of('resume')[0]?.data).toBe('{"complete":true}');
    expect(board.complaints).toEqual([]);
    await page.close();
  });
});

describe('a tab that the browser freezes', () => {
  /** Freezes a page, or lets it run; resolves when it has been told. */
  async function turn(session: CDPSession, page: Page, state: 'frozen' | 'active'): Promise<void> {
    await session.send('Page.setWebLifecycleState', { state });
    await page.waitForFunction(
      (turns) => (globalThis as { turns?: string[] }).turns?.at(-1) === turns,
      state,
    );
  }

  it('has noticed nothing of a connection that died, and goes on after its cursor when it runs again', async () => {
    const who = { sub: 'alice', workspace: 'frozen' };
    const { board, page, frames, loads } = await openBoard(who);
    const session = await page.context().newCDPSession(page);
    await page.evaluate(`
      globalThis.turns = [];
      globalThis.ticks = 0;
      document.addEventListener('freeze', () => turns.push('frozen'));
      document.addEventListener('resume', () => turns.push('active'));
      setInterval(() => { ticks += 1; }, 100);
    `);
    const clock = await stack.connect({ ...who, sub: 'bob' });
    await turn(session, page, 'frozen');
    const ticks = await page.evaluate('ticks');
    relay.goSilent();
    await write(who, 'meanwhile');
    const pings = (): number => clock.frames.filter(({ event }) => event === 'ping').length;
    const longSilence = pings() + 9;
    await clock.until(() => pings() >= longSilence);
    expect(await page.evaluate('ticks')).toBe(ticks);
    expect(await board.card('meanwhile').count()).toBe(0);
    expect(await page.locator('#connection').getAttribute('data-state')).toBe('live');

    await turn(session, page, 'active');
    await page.locator('#connection[data-state="recovering"]').waitFor();
    relay.reset();
    // What it has asked for over the dead connection it may wait for half a minute.
    await board.card('meanwhile', 'inbox').waitFor({ timeout: 120_000 });
    await board.isReady();
    expect(loads()).toBe(1);
    expect(frames.of('task.created')).toHaveLength(1);
    expect(frames.of('resume').map(({ data }) => data)).toEqual(['{"complete":true}']);
    await page.close();
  });
});
