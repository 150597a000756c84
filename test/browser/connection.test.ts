import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { LogLine } from '../../local/functions/function-process.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { BoardPage } from './board-page.ts';
import { launchBrowser } from './browser.ts';
import { StreamFrames } from './stream-frames.ts';

let stack: TestStack;
let browser: Browser;
let onLog: (line: LogLine) => void = () => undefined;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Runs a stack with the page for the tests of a block. */
function useStack(environment: Readonly<Record<string, string>>): void {
  beforeAll(async () => {
    const pageDirectory = fileURLToPath(new URL('../../dashboard', import.meta.url));
    stack = await TestStack.start({ pageDirectory, environment, onLog: (line) => onLog(line) });
  });
  afterAll(() => stack.close());
}

/** Notes, in a page, each state that its connection has shown. */
const noteStates = `new MutationObserver((changes) => {
  for (const { target, oldValue } of changes) if (target.id === 'connection') noteState(oldValue);
  const state = document.getElementById('connection')?.dataset.state;
  if (state !== undefined) noteState(state);
}).observe(document, {
  subtree: true, childList: true, attributeFilter: ['data-state'], attributeOldValue: true,
});`;

/** Opens the board, notes each state that its connection shows, and waits until it is live. */
async function openBoard(
  query: string,
): Promise<{ board: BoardPage; page: Page; frames: StreamFrames; states: string[] }> {
  const board = new BoardPage(await browser.newPage());
  const { page } = board;
  const states: string[] = [];
  await page.exposeFunction('noteState', (state: string | null) => state !== null && states.push(state));
  await page.addInitScript(noteStates);
  const frames = await StreamFrames.of(page);
  await board.goto(stack.local.url, query);
  return { board, page, frames, states };
}

async function openConnections(workspace: string): Promise<readonly { userId: string; id: string }[]> {
  const admin = { sub: 'root', workspace, admin: true };
  return (await stack.request(admin, 'GET', '/sse/stats')).body.connections;
}

describe('the connection of the page, when its session ends,', () => {
  useStack({ SESSION_SECONDS: '9' });

  it('is taken over by the next one before the server ends it: no gap, and no event twice', async () => {
    const { board, page, frames, states } = await openBoard('?workspace=handover');
    const [first] = await openConnections('handover');
    await frames.has('handover');
    const alice = { sub: 'alice', workspace: 'handover' };
    for (let count = 0; count < 10; count += 1) {
      await stack.request(alice, 'POST', '/tasks', { name: `during ${count}` });
    }
    await frames.has('connection.established', 2);
    await page.locator('.card .name:text-is("during 9")').waitFor();
    await board.hasTasks(10);
    // While both streams are open both may bring the same frame: the client drops the second.
    expect(new Set(frames.of('task.created').map(({ id }) => id)).size).toBe(10);
    await board.frames();
    await page.getByLabel('Type').selectOption('task.created');
    await page.locator('.frames-count').getByText(', 10 shown').waitFor();
    expect(new Set(states.slice(states.indexOf('live')))).toEqual(new Set(['live']));
    expect((await openConnections('handover')).some(({ id }) => id !== first!.id)).toBe(true);
    await page.close();
  });
});

describe('the connection of the page', () => {
  useStack({ CONNECTIONS_PER_USER: '2' });

  it('is ended for the server too when the page goes away, and opened again when it comes back', async () => {
    const { page } = await openBoard('?workspace=beacon');
    expect(await openConnections('beacon')).toHaveLength(1);
    const { promise: disconnected, resolve } = Promise.withResolvers<void>();
    onLog = ({ text }) => {
      if (text.includes('disconnected')) resolve();
    };
    await page.goto('about:blank');
    await disconnected;
    expect(await openConnections('beacon')).toEqual([]);
    await page.goBack();
    await page.locator('#connection[data-state="live"]').waitFor();
    expect(await openConnections('beacon')).toHaveLength(1);
    await page.close();
  });

  it('says what happened when the user has opened too many pages, and does not fight for its place', async () => {
    const oldest = await openBoard('?workspace=limit');
    const others = [await openBoard('?workspace=limit'), await openBoard('?workspace=limit')];
    await oldest.page.locator('#connection[data-state="denied"]').waitFor();
    expect(await oldest.page.locator('#connection-detail').textContent()).toMatch(/Too many pages of yours/);
    for (const { states } of others) expect(states).not.toContain('denied');
    await Promise.all([oldest, ...others].map(({ page }) => page.close()));
  });

  it('comes back after an end, or does not, as `reconnect` says, and at once with a new token for an expired one', async () => {
    const cursor = 'a.1.0.0.b';
    const end = (data: object): string =>
      `retry: 10\nid: ${cursor}\nevent: end\ndata: ${JSON.stringify(data)}\n\n`;
    const ends = [
      end({ reason: 'something_new', reconnect: true }),
      end({ reason: 'token_expired', reconnect: true }),
      end({ reason: 'token_expired', reconnect: false }),
      end({ reason: 'something_final', reconnect: false }),
    ];
    const page = await browser.newPage();
    const tokens: (string | undefined)[] = [];
    const refused: number[] = [];
    page.on('response', (response) => {
      if (response.status() === 401) refused.push(response.status());
    });
    await page.route('**/sse/connect?*', async (route) => {
      tokens.push(route.request().headers()['authorization']);
      await route.fulfill({ contentType: 'text/event-stream', body: ends[tokens.length - 1] ?? '' });
    });
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/issuer/token')) asked.push(request.url());
    });
    await page.goto(`${stack.local.url}/?workspace=ends`);
    await page.locator('#connection[data-state="denied"]').waitFor();
    expect(await page.locator('#connection-detail').textContent()).toBe(
      'The server ended it: something_final.',
    );
    expect(tokens).toHaveLength(4);
    expect(new Set(tokens).size).toBe(3);
    expect(tokens[1]).toBe(tokens[0]);
    expect(asked).toHaveLength(3);
    expect(refused).toEqual([]);
    await page.close();
  });

  it('ends at once when an admin revokes the rights', async () => {
    const { page } = await openBoard('?workspace=revoked&user=eve');
    const admin = { sub: 'root', workspace: 'revoked', admin: true };
    await stack.request(admin, 'POST', '/sse/revocations', { userId: 'eve' });
    await page.locator('#connection[data-state="denied"]').waitFor();
    expect(await page.locator('#connection-detail').textContent()).toBe('An admin has revoked your rights.');
    await page.close();
  });
});
