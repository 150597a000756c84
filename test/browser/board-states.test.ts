import type { BrowserContextOptions, Route } from 'playwright-core';
import { BoardPage } from './board-page.ts';
import { Boards } from './boards.ts';

const boards = new Boards();

const surroundings: readonly (readonly [string, BrowserContextOptions])[] = [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['on a phone', { viewport: { width: 390, height: 800 } }],
];

/** A page that has not gone anywhere yet, so that a test can stand between it and the stack. */
async function blank(): Promise<BoardPage> {
  const board = new BoardPage(await (await boards.browser.newContext()).newPage());
  boards.keep(board);
  return board;
}

const listPath = /\/tasks(\?|$)/;
const streamPath = /\/sse\/connect/;

function refuse(status: number, code: string, error: string): (route: Route) => Promise<void> {
  return (route) => route.fulfill({ status, json: { error, code } });
}

/** Looks at a state of the board in one of the surroundings: nothing keeps people out, nothing is cut off. */
async function isSound(board: BoardPage): Promise<void> {
  expect(await board.violations()).toEqual([]);
  const isWide = await board.page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  expect(isWide).toBe(false);
}

describe.each(surroundings)('%s', (name, options) => {
  const workspace = `states-${name.replaceAll(' ', '-')}`;

  it('an empty board says what to do, and stops when there is a task', async () => {
    const board = await boards.open(`?workspace=${workspace}-empty`, options);
    const { page } = board;
    await page.getByText('No tasks yet.').waitFor();
    await isSound(board);
    await board.addTask('First');
    await page.getByText('No tasks yet.').waitFor({ state: 'detached' });
    expect(board.complaints).toEqual([]);
  });

  it('offline, the board can be read alone, and says so', async () => {
    const board = await boards.open(`?workspace=${workspace}-offline`, options);
    const { page } = board;
    await board.addTask('Kept');
    await page.context().setOffline(true);
    await page.locator('#connection').getByText('Offline').waitFor();
    expect(await page.locator('#connection-detail').textContent()).toBe('There is no network.');
    await page.locator('.board-notice').getByText('You can read').waitFor();
    expect(await page.locator('.board-notice').getByRole('button').count()).toBe(0);
    const create = page.getByRole('button', { name: 'New task' });
    expect(await create.isDisabled()).toBe(true);
    expect(await create.getAttribute('title')).toBe('There is no network.');
    expect(await board.card('Kept').count()).toBe(1);
    await isSound(board);
    await page.context().setOffline(false);
    await page.locator('#connection').getByText('Live').waitFor();
    await page.locator('.board-notice').waitFor({ state: 'detached' });
    expect(await create.isDisabled()).toBe(false);
  });

  it('a connection that was ended says why, writes nothing, and comes back by its button', async () => {
    const board = await boards.open(`?workspace=${workspace}-ended`, options);
    const { page } = board;
    const admin = { sub: 'root', workspace: `${workspace}-ended`, admin: true };
    const { body } = await boards.stack.request(admin, 'GET', '/sse/stats');
    const { connections } = body as { readonly connections: readonly { readonly id: string }[] };
    await boards.stack.request(admin, 'DELETE', `/sse/connections/${connections[0]!.id}`);
    await page.locator('#connection[data-state="denied"]').waitFor();
    expect(await page.locator('#connection-detail').textContent()).toBe('An admin has ended it.');
    const create = page.getByRole('button', { name: 'New task' });
    expect(await create.isDisabled()).toBe(true);
    expect(await create.getAttribute('title')).toBe('The connection has ended. An admin has ended it.');
    await isSound(board);
    await page.getByRole('button', { name: 'Connect again' }).click();
    await board.isReady();
    await page.locator('.board-notice').waitFor({ state: 'detached' });
  });

  it('a board that the server refuses says why, and loads by its button', async () => {
    const board = await blank();
    const { page } = board;
    await page.route(listPath, refuse(400, 'invalid_request', 'The tasks are somewhere else.'));
    await page.goto(`${boards.stack.local.url}/?workspace=${workspace}-failed`);
    const again = page.getByRole('button', { name: 'Load again' });
    await again.waitFor();
    await page.locator('.board-notice').getByText('The tasks are somewhere else.').waitFor();
    await page.emulateMedia({ colorScheme: options.colorScheme ?? 'light' });
    await page.setViewportSize(options.viewport ?? { width: 1400, height: 800 });
    await isSound(board);
    await page.unroute(listPath);
    await again.click();
    await board.isReady();
    expect(await page.getByText('No tasks yet.').count()).toBe(1);
    await page.locator('.board-notice').waitFor({ state: 'detached' });
  });
});

it('offline, an open task is saved by no key either, and keeps what was typed', async () => {
  const board = await boards.open('?workspace=states-typing');
  const { page } = board;
  await board.addTask('Kept');
  await page.evaluate(() => (location.hash = 'task-1'));
  const form = page.getByRole('form', { name: 'Texts' });
  const description = form.getByLabel('Description');
  await description.fill('Typed');
  await page.context().setOffline(true);
  await page.getByText('Nothing can be saved now. There is no network.').waitFor();
  await description.press('Control+Enter');
  expect(await form.getAttribute('aria-busy')).toBe('false');
  expect(await form.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
  expect(await board.violations()).toEqual([]);
  await page.context().setOffline(false);
  await form.getByRole('button', { name: 'Save', disabled: false }).click();
  await form.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' });
  expect(await description.inputValue()).toBe('Typed');
});

it('a board whose tasks are forbidden says so, and loads by its button', async () => {
  const board = await blank();
  const { page } = board;
  await page.route(listPath, refuse(403, 'forbidden', 'These tasks are not yours.'));
  await page.goto(`${boards.stack.local.url}/?workspace=states-forbidden`);
  await page.locator('.board-notice').getByText('These tasks are not yours.').waitFor();
  await page.unroute(listPath);
  await page.getByRole('button', { name: 'Load again' }).click();
  await board.isReady();
  expect(await page.locator('.board-notice').count()).toBe(0);
});

it('an end of the connection is told to a screen reader once, and so is its return', async () => {
  const { page } = await boards.open('?workspace=states-told');
  const told = page.locator('.board-notices[role="status"]');
  expect(await told.textContent()).toBe('');
  await page.context().setOffline(true);
  await told.getByText('There is no network.').waitFor();
  expect(await page.getByRole('status').getByText('Offline').count()).toBe(0);
  await page.context().setOffline(false);
  await told.getByText('The connection is live again.').waitFor();
  expect(await page.getByRole('status').getByText('Live', { exact: true }).count()).toBe(0);
});

it('a board that cannot be loaded for now is busy, says why, and loads by itself', async () => {
  const board = await blank();
  const { page } = board;
  await page.route(listPath, refuse(503, 'unavailable', 'The server is busy.'));
  await page.goto(`${boards.stack.local.url}/?workspace=states-busy`);
  await page.locator('.board-notice').getByText('The server is busy.').waitFor();
  await page.locator('.board-notice').getByText('It is tried again').waitFor();
  expect(await page.locator('#board').getAttribute('aria-busy')).toBe('true');
  expect(await board.violations()).toEqual([]);
  await page.unroute(listPath);
  await board.isReady();
  await page.locator('.board-notice').waitFor({ state: 'detached' });
});

it('a connection that recovers says that what is shown may be old, and is tried by its button', async () => {
  const board = await boards.open('?workspace=states-recovering');
  const { page } = board;
  // A Retry-After of half a minute: what connects before that is the button.
  await page.route(streamPath, (route) =>
    route.fulfill({
      status: 503,
      headers: { 'retry-after': '3600' },
      json: { error: 'Busy', code: 'unavailable' },
    }),
  );
  await page.evaluate(() => {
    dispatchEvent(new Event('offline'));
    dispatchEvent(new Event('online'));
  });
  await page.locator('#connection').getByText('Reconnecting').waitFor();
  await page.locator('.board-notice').getByText('What you see may be old.').waitFor();
  expect(await page.getByRole('button', { name: 'New task' }).isDisabled()).toBe(false);
  expect(await board.violations()).toEqual([]);
  await page.unroute(streamPath);
  await page.getByRole('button', { name: 'Try now' }).click();
  await page.locator('#connection').getByText('Live').waitFor();
  await page.locator('.board-notice').waitFor({ state: 'detached' });
});

it('a connection that recovers at once changes no word', async () => {
  const { page } = await boards.open('?workspace=states-brief');
  // What is at once is so by the page's clock, which stands still while a slow machine connects.
  await page.clock.install();
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1000);
  const seen = await page.evaluateHandle(() => {
    const words = new Set<string>();
    const element = document.querySelector<HTMLElement>('#connection')!;
    const isRecovering = Promise.withResolvers<void>();
    const isLive = Promise.withResolvers<void>();
    let hasBegun = false;
    new MutationObserver(() => {
      words.add(element.textContent);
      const state = element.dataset['state'];
      if (state === 'recovering') {
        hasBegun = true;
        isRecovering.resolve();
      } else if (state === 'live' && hasBegun) isLive.resolve();
    }).observe(element, { attributes: true, childList: true, characterData: true, subtree: true });
    dispatchEvent(new Event('offline'));
    dispatchEvent(new Event('online'));
    return { words, isRecovering: isRecovering.promise, isLive: isLive.promise };
  });
  await seen.evaluate(({ isRecovering }) => isRecovering);
  await page.clock.runFor(1000);
  await seen.evaluate(({ isLive }) => isLive);
  expect(await seen.evaluate(({ words }) => [...words])).toEqual(['Live']);
});

it('nothing moves for those who want that, while the tasks load', async () => {
  const moving = async (reducedMotion: 'reduce' | 'no-preference'): Promise<number> => {
    const context = await boards.browser.newContext({ reducedMotion });
    const board = new BoardPage(await context.newPage());
    boards.keep(board);
    const { page } = board;
    // They load as long as this test looks.
    await page.route(listPath, () => undefined);
    await page.goto(`${boards.stack.local.url}/?workspace=states-still`);
    await page.locator('#connection[data-state="live"]').waitFor();
    await page.locator('#board[aria-busy="true"] .column').first().waitFor();
    const running = "document.getAnimations().filter(({ playState }) => playState === 'running').length";
    return page.evaluate(running);
  };
  expect(await moving('no-preference')).toBeGreaterThan(0);
  expect(await moving('reduce')).toBe(0);
});
