import type { BrowserContextOptions } from 'playwright-core';
import { BoardPage } from './board-page.ts';
import { Boards } from './boards.ts';

const boards = new Boards({ isQuiet: true });

async function write(workspace: string, ...names: readonly string[]): Promise<void> {
  for (const name of names)
    expect((await boards.stack.request({ sub: 'bob', workspace }, 'POST', '/tasks', { name })).status).toBe(
      201,
    );
}

const surroundings: readonly (readonly [string, BrowserContextOptions])[] = [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['phone', { viewport: { width: 390, height: 800 } }],
];

it.each(surroundings)('frames are kept, and shown when they are asked for (%s)', async (name, options) => {
  const workspace = `frames-${name}`;
  const board = await boards.open(`?workspace=${workspace}`, options);
  const { page } = board;
  await write(workspace, 'Müller');
  await board.hasTasks(1);
  expect(await page.locator('#frames').count()).toBe(0);
  const frame = await board.frames('task.created');
  await frame.waitFor();
  await page.locator('#frames [data-type="connection.established"]').waitFor();
  await frame.getByRole('button', { name: /^task.created/ }).click();
  const data = await frame.locator('.data').textContent();
  const event = JSON.parse(data!) as { readonly task: { readonly name: string } };
  expect(event.task.name).toBe('Müller');
  const bytes = new TextEncoder().encode(JSON.stringify(event)).length;
  expect(await frame.locator('.size').textContent()).toBe(`${bytes.toLocaleString('en')} B`);
  const id = await frame.locator('.id').getAttribute('data-id');
  expect(id).not.toBe('');
  expect(await frame.locator('.id').textContent()).toBe(id);
  expect(await frame.locator('.age').textContent()).toMatch(/^\d+ (s|min)$/);
  expect(await board.violations()).toEqual([]);
  await page.getByRole('button', { name: 'Close frames' }).click();
  await page.locator('#frames').waitFor({ state: 'detached' });
});

it('a frame is copied as it came, and the page says so', async () => {
  const board = await boards.open('?workspace=frames-copy', {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const { page } = board;
  const frame = await board.frames('connection.established');
  await frame.getByRole('button', { name: /^Copy/ }).click();
  await frame.getByRole('status').getByText('Copied').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(JSON.parse(copied)).toMatchObject({ type: 'connection.established' });
});

it('frames are searched, chosen by type, held and cleared', async () => {
  const board = await boards.open('?workspace=frames-find');
  const { page } = board;
  const created = await board.frames('task.created');
  await write('frames-find', 'Milk', 'Tea');
  await created.nth(1).waitFor();
  await page.getByLabel('Search frames').fill('milk');
  await page.locator('.frames-count').getByText('1 shown').waitFor();
  expect(await page.locator('#frames > *').count()).toBe(1);
  await page.getByLabel('Search frames').fill('');
  await page.getByLabel('Type').selectOption('task.created');
  await page.locator('.frames-count').getByText('2 shown').waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await write('frames-find', 'Bread');
  await page.locator('.card .name').getByText('Bread').waitFor();
  expect(await created.count()).toBe(2);
  await page.getByRole('button', { name: 'Pause' }).click();
  await created.nth(2).waitFor();
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByText('No frames yet.').waitFor();
  await page
    .locator('.frames-count')
    .getByText(/^\d+ received, 0 kept$/)
    .waitFor();
});

it('a hundred events at once are all there, the newest first, and few of them in the document', async () => {
  const board = await boards.open('?workspace=frames-many');
  const { page } = board;
  const created = await board.frames('task.created');
  const names = Array.from({ length: 100 }, (_, index) => `Task ${index}`);
  await Promise.all(names.map((name) => write('frames-many', name)));
  await board.hasTasks(100);
  await page.getByLabel('Type').selectOption('task.created');
  await page.locator('.frames-count').getByText(', 100 shown').waitFor();
  expect(await created.count()).toBeLessThan(30);
  expect(await created.first().getAttribute('aria-posinset')).toBe('1');
  const newest = await page.locator('.frame-toggle').first().getAttribute('aria-label');
  await page.locator('.frame-scroller').evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await page.locator('#frames [aria-posinset="100"]').waitFor();
  const oldest = await page.locator('#frames [aria-posinset="100"] .frame-toggle').getAttribute('aria-label');
  expect(numberIn(newest)).toBeGreaterThan(numberIn(oldest));
});

it('what is not to be had without a network costs the board nothing, and is there with one', async () => {
  // One of its own, which may complain: the browser says what did not load.
  const board = await BoardPage.open(boards.browser, boards.stack.local.url, '?workspace=frames-offline');
  const { page } = board;
  await board.addTask('Kept');
  await page.route(/frames-panel/, (route) => route.abort('internetdisconnected'));
  await page.getByRole('button', { name: 'Frames', exact: true }).click();
  const failure = page.getByRole('alert').filter({ hasText: 'The list of frames cannot be shown.' });
  await failure.waitFor();
  expect(await board.card('Kept').count()).toBe(1);
  expect(await board.violations()).toEqual([]);
  await failure.getByRole('button', { name: 'Close' }).click();
  await failure.waitFor({ state: 'detached' });
  await page.unroute(/frames-panel/);
  await (await board.frames('task.created')).waitFor();
  await board.close();
});

function numberIn(label: string | null): number {
  return Number(/\d+$/.exec(label ?? '')?.[0]);
}
