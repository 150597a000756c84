import type { BrowserContextOptions, Route } from 'playwright-core';
import { BoardPage } from './board-page.ts';
import { Boards } from './boards.ts';

const boards = new Boards();

const surroundings: readonly (readonly [string, BrowserContextOptions])[] = [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['on a phone', { viewport: { width: 390, height: 844 } }],
];

const listPath = /\/tasks(\?|$)/;
const settingsPath = /\/config\.json$/;
const scriptPath = /\/assets\/.*\.js$/;

/** Answers as a server of another version might: its tasks lack what the cards show. */
async function withoutAssignees(route: Route): Promise<void> {
  const response = await route.fetch();
  const { tasks } = (await response.json()) as { readonly tasks: readonly object[] };
  await route.fulfill({ response, json: { tasks: tasks.map((task) => ({ ...task, assignees: null })) } });
}

/** The page of a workspace with a task in it, where something stands between it and the stack. */
async function openFailing(
  workspace: string,
  path: RegExp,
  handler: (route: Route) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<BoardPage> {
  await boards.stack.request({ sub: 'bob', workspace }, 'POST', '/tasks', { name: 'Milk' });
  const board = new BoardPage(await (await boards.browser.newContext(options)).newPage());
  boards.keep(board);
  await board.page.route(path, handler);
  await board.page.goto(`${boards.stack.local.url}/?workspace=${workspace}`);
  return board;
}

/** The board works: it shows the task, and takes another. */
async function works(board: BoardPage): Promise<void> {
  await board.isReady();
  await board.card('Milk', 'inbox').waitFor();
  await board.addTask('Tea');
  expect(await board.page.locator('.notice').count()).toBe(0);
}

describe.each(surroundings)('%s', (name, options) => {
  const workspace = `failure-${name.replaceAll(' ', '-')}`;

  it('a page that fails says so in the place of the board, and works when its button has loaded it again', async () => {
    const board = await openFailing(workspace, listPath, withoutAssignees, options);
    const { page } = board;
    await page.getByRole('heading', { name: 'This page has to be loaded again' }).waitFor();
    const words = await page.getByRole('alert').textContent();
    expect(words).toMatch(/^There may be a new version of it, or it has a fault\. \(.*\blength\b.*\)$/);
    expect(await page.locator('#board').count()).toBe(0);
    expect(await board.violations()).toEqual([]);
    // Whoever is hasty gets the same again.
    const again = page.getByRole('button', { name: 'Load it again' });
    await Promise.all([page.waitForEvent('load'), again.click()]);
    await page.getByRole('heading', { name: 'This page has to be loaded again' }).waitFor();
    await page.unroute(listPath);
    await again.click();
    await works(board);
  });

  it('a page whose script is not to be had says so, and works when its link has loaded it again', async () => {
    const abort = (route: Route): Promise<void> => route.abort('internetdisconnected');
    const board = await openFailing(`${workspace}-script`, scriptPath, abort, options);
    const { page } = board;
    const said = page.getByText('If this stays, the page could not be loaded');
    await said.waitFor();
    // Not at once: usually there is nothing to be said.
    const delay = await said.evaluate((element) => getComputedStyle(element).animationDelay);
    expect(Number.parseFloat(delay)).toBeGreaterThan(2);
    await page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()));
    expect(await board.violations()).toEqual([]);
    await page.unroute(scriptPath);
    await page.getByRole('link', { name: 'load it again' }).click();
    await works(board);
  });
});

it('a page whose settings are not to be had says so, and works when its button has loaded it again', async () => {
  const refuse = (route: Route): Promise<void> => route.fulfill({ status: 503 });
  const board = await openFailing('failure-settings', settingsPath, refuse);
  const { page } = board;
  await page.getByRole('heading', { name: 'This page cannot start' }).waitFor();
  await page.getByRole('alert').getByText('cannot be read: HTTP 503').waitFor();
  expect(await board.violations()).toEqual([]);
  await page.unroute(settingsPath);
  await page.getByRole('button', { name: 'Load it again' }).click();
  await works(board);
});
