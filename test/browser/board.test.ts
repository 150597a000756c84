import { fileURLToPath } from 'node:url';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Browser } from 'playwright-core';
import type { Who } from '../end-to-end/stack.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { BoardPage } from './board-page.ts';
import { launchBrowser } from './browser.ts';
import { StreamFrames } from './stream-frames.ts';

let stack: TestStack;
let browser: Browser;
let boards: BoardPage[] = [];

beforeAll(async () => {
  const pageDirectory = fileURLToPath(new URL('../../dashboard', import.meta.url));
  [stack, browser] = await Promise.all([TestStack.start({ pageDirectory }), launchBrowser()]);
});
afterEach(async () => {
  await Promise.all(boards.map(({ page }) => page.close()));
  boards = [];
});
afterAll(async () => {
  await browser.close();
  await stack.close();
});

/** A page that shows nothing yet. */
async function newBoard(width = 1500): Promise<BoardPage> {
  const board = new BoardPage(await browser.newPage({ viewport: { width, height: 900 } }));
  boards.push(board);
  return board;
}

/** Opens the board and waits until it is live and has loaded. */
async function openBoard(query: string): Promise<BoardPage> {
  const board = await newBoard();
  await board.goto(stack.local.url, query);
  return board;
}

/** Creates a task past the page, and gives its path. */
async function create(who: Who, fields: object): Promise<string> {
  const { body } = await stack.request(who, 'POST', '/tasks', fields);
  return `/tasks/${body.task.id}`;
}

/** A task as the server has it. */
async function saved(who: Who, path: string): Promise<{ readonly name: string; readonly status: string }> {
  return (await stack.request(who, 'GET', path)).body.task;
}

function expectNoComplaints(): void {
  for (const { complaints } of boards) expect(complaints).toEqual([]);
}

describe('the page', () => {
  it('shows in one tab what is created, moved, renamed and deleted in another', async () => {
    const first = await newBoard();
    const frames = await StreamFrames.of(first.page);
    await first.goto(stack.local.url, '?workspace=tabs');
    const second = await openBoard('?workspace=tabs&user=bob');

    await first.addTask('Write the notes');
    await second.card('Write the notes', 'inbox').waitFor();

    await second.choose('Write the notes', 'In review');
    await first.card('Write the notes', 'in_review').waitFor();
    expect(await first.card('Write the notes', 'inbox').count()).toBe(0);

    const who = { sub: 'carol', workspace: 'tabs' };
    const { body } = await stack.request(who, 'GET', '/tasks');
    await stack.request(who, 'PATCH', `/tasks/${body.tasks[0].id}`, { name: 'Read the notes' });
    await first.card('Read the notes', 'in_review').waitFor();
    await second.card('Read the notes', 'in_review').waitFor();

    await second.choose('Read the notes', 'Delete');
    await first.hasTasks(0);

    // A change of the status is an update too.
    expect(frames.types).toEqual([
      'connection.established',
      'task.created',
      'task.status_changed',
      'task.updated',
      'task.updated',
      'task.deleted',
    ]);
    const ids = frames.frames.map(({ id }) => id);
    expect(new Set(ids).size).toBe(6);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{16}\.\d+\.\d+\.\d+\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{22}$/);
    expectNoComplaints();
  });

  it('shows what is archived in one column, whether its status says so or its flag', async () => {
    const who = { sub: 'bob', workspace: 'archive' };
    const path = await create(who, { name: 'Old', status: 'done' });
    const board = await openBoard('?workspace=archive');
    await board.card('Old', 'done').waitFor();
    await stack.request(who, 'PATCH', path, { archived: true });
    await board.card('Old', 'archived').waitFor();

    // The board shows it before the server has it.
    const answered = (): Promise<unknown> =>
      board.page.waitForResponse((answer) => answer.request().method() === 'PATCH');
    const taken = answered();
    await board.choose('Old', 'Done');
    await board.card('Old', 'done').waitFor();
    await taken;
    expect(await saved(who, path)).toMatchObject({ status: 'done', archived: false });
    const put = answered();
    await board.choose('Old', 'Archived');
    await board.card('Old', 'archived').waitFor();
    await put;
    expect(await saved(who, path)).toMatchObject({ status: 'archived', archived: true });
    expectNoComplaints();
  });

  it('moves a task by the keys of its menu', async () => {
    const board = await openBoard('?workspace=keys');
    await board.addTask('By keys');
    const wanted: (string | null)[] = [];
    board.page.on('request', (request) => {
      if (request.method() === 'PATCH') wanted.push(request.postData());
    });
    await board.card('By keys').getByRole('button', { name: 'Actions for By keys' }).focus();
    const { keyboard } = board.page;
    await keyboard.press('Enter');
    await board.page.getByRole('menu').waitFor();
    await keyboard.press('Escape');
    await board.page.getByRole('menu').waitFor({ state: 'hidden' });
    await keyboard.press('Enter');
    await board.page.getByRole('menu').waitFor();
    // By the first letters of an item.
    await keyboard.type('In p');
    await board.page.locator('[role=menuitem]:focus').getByText('In progress').waitFor();
    await keyboard.press('Enter');
    await board.card('By keys', 'in_progress').waitFor();
    expect(wanted).toEqual(['{"status":"in_progress"}']);
    expectNoComplaints();
  });

  it('shows a private task to its creator and to admins only, until it is shared', async () => {
    const alice = await openBoard('?workspace=private');
    const bob = await openBoard('?workspace=private&user=bob');
    const admin = await openBoard('?workspace=private&user=root&admin=true');
    await alice.addTask('Secret', { isPrivate: true });
    await alice.addTask('Public');
    await bob.card('Public', 'inbox').waitFor();
    await admin.card('Public', 'inbox').waitFor();
    await bob.hasTasks(1);
    await admin.hasTasks(2);
    expect(await bob.page.content()).not.toContain('Secret');

    const who = { sub: 'alice', workspace: 'private' };
    const { body } = await stack.request(who, 'GET', '/tasks');
    const { id } = body.tasks.find(({ name }: { name: string }) => name === 'Secret');
    await stack.request(who, 'PATCH', `/tasks/${id}`, { visibility: 'workspace' });
    await bob.card('Secret', 'inbox').waitFor();
    await stack.request(who, 'PATCH', `/tasks/${id}`, { visibility: 'private' });
    await bob.hasTasks(1);
    expectNoComplaints();
  });

  it('loads what was there before, and switches user and workspace in its tab', async () => {
    await create({ sub: 'alice', workspace: 'earlier' }, { name: 'Earlier', status: 'done' });
    const board = await openBoard('?workspace=earlier');
    await board.card('Earlier', 'done').waitFor();

    const { page } = board;
    await page.locator('#account').click();
    await page.getByLabel('User').fill('carol');
    await page.getByLabel('Workspace').fill('elsewhere');
    await page.getByRole('button', { name: 'Switch' }).click();
    await page.locator('#account').getByText('carol').waitFor();
    await board.hasTasks(0);
    expect(await board.card('Earlier').count()).toBe(0);
    expect(new URL(page.url()).search).toBe('?user=carol&workspace=elsewhere');
    await page.reload();
    await board.isReady();
    expect(await page.locator('#account').textContent()).toBe('carol in elsewhere');
    expectNoComplaints();
  });

  it('goes on after its cursor with a new token when the old one has expired', async () => {
    const board = await newBoard();
    const frames = await StreamFrames.of(board.page);
    await board.page.route(
      '**/issuer/token',
      (route) =>
        route.continue({ postData: { sub: 'alice', workspace: 'expiry', admin: false, expiresIn: 10 } }),
      { times: 1 },
    );
    await board.goto(stack.local.url, '?workspace=expiry');
    await frames.has('resume');
    await board.addTask('After the expiry');
    await frames.has('task.created');
    expect(frames.types).toEqual([
      'connection.established',
      'handover',
      'connection.established',
      'resume',
      'task.created',
    ]);
    expect(frames.of('resume')[0]?.data).toBe('{"complete":true}');
    expectNoComplaints();
  });

  it('loads again when the stream cannot go on after its cursor', async () => {
    const who = { sub: 'alice', workspace: 'resync' };
    const board = await newBoard();
    const frames = await StreamFrames.of(board.page);
    await board.goto(stack.local.url, '?workspace=resync');
    // An item that cannot be read as a task makes the log say "load again"; the next load holds what came with it.
    await create(who, { name: 'Valid' });
    await board.card('Valid', 'inbox').waitFor();
    const loaded = board.page.waitForResponse((response) => new URL(response.url()).pathname === '/tasks');
    const Item = { workspace: 'resync', id: 500, name: 7 };
    await stack.database.send(new PutCommand({ TableName: stack.local.tables['tasks'], Item }));
    await loaded;
    await board.isReady();
    await board.hasTasks(1);
    expect(frames.of('resume')[0]?.data).toBe('{"complete":false,"reason":"resync"}');
    expectNoComplaints();
  });
});

describe('what its user writes', () => {
  it('is one task of a double click, of lost answers and of another try, and another one when it is said again', async () => {
    const board = await openBoard('?workspace=once');
    const { page } = board;
    const keys: (string | undefined)[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST' && new URL(request.url()).pathname === '/tasks')
        keys.push(request.headers()['idempotency-key']);
    });
    const form = page.getByRole('form', { name: 'New task' });
    const fillIn = async (name: string): Promise<void> => {
      await page.getByRole('button', { name: 'New task' }).click();
      await form.getByLabel('Name').fill(name);
    };
    await fillIn('Clicked');
    await form.getByRole('button', { name: 'Add task' }).dblclick();
    await form.waitFor({ state: 'hidden' });
    await board.card('Clicked', 'inbox').waitFor();
    expect(new Set(keys).size).toBe(1);
    keys.length = 0;

    // The task is created, and the page hears of it by its stream alone.
    await page.route('**/tasks', async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      await route.fetch();
      return route.abort();
    });
    await fillIn('Lost');
    await form.getByLabel('Name').press('Enter');
    await form.waitFor({ state: 'hidden' });
    await board.card('Lost', 'inbox').waitFor();
    expect(new Set(keys).size).toBe(1);
    keys.length = 0;
    await page.unroute('**/tasks');

    // Nothing gets through, as often as the page tries by itself, until its user tries again.
    let isCut = true;
    await page.route('**/tasks', (route) =>
      isCut && route.request().method() === 'POST' ? route.abort() : route.fallback(),
    );
    await fillIn('Cut off');
    await form.getByLabel('Name').press('Enter');
    await page.getByText('The server does not answer').first().waitFor();
    expect(await form.getByLabel('Name').inputValue()).toBe('Cut off');
    isCut = false;
    await form.getByRole('button', { name: 'Add task' }).click();
    await form.waitFor({ state: 'hidden' });
    expect(new Set(keys).size).toBe(1);
    expect(keys.length).toBeGreaterThan(1);

    await fillIn('Lost');
    await form.getByLabel('Name').press('Enter');
    await form.waitFor({ state: 'hidden' });
    const { body } = await stack.request({ sub: 'alice', workspace: 'once' }, 'GET', '/tasks');
    expect(body.tasks.map((task: { name: string }) => task.name)).toEqual([
      'Clicked',
      'Lost',
      'Cut off',
      'Lost',
    ]);
  });

  it('is as it was when it was refused, and the page says why, with the code', async () => {
    const board = await openBoard('?workspace=trouble');
    await board.addTask('Stays');
    await board.page.route('**/tasks/*', (route) =>
      route.fulfill({
        status: 403,
        contentType: 'application/json',
        body: '{"error":"this task is locked","code":"task_locked"}',
      }),
    );
    await board.choose('Stays', 'Done');
    await board.page.getByText('this task is locked (task_locked, HTTP 403)').first().waitFor();
    await board.card('Stays', 'inbox').waitFor();
    const { body } = await stack.request({ sub: 'alice', workspace: 'trouble' }, 'GET', '/tasks');
    expect(body.tasks).toMatchObject([{ name: 'Stays', status: 'inbox' }]);
  });
});

it.each([400, 1400])('the page fits a window of %i pixels with long names and many tasks', async (width) => {
  const who = { sub: 'alice', workspace: `width-${width}` };
  const long = 'x'.repeat(200);
  const others = Array.from({ length: 30 }, (_, index) => ({ name: `Task ${index}` }));
  await Promise.all([{ name: long, priority: 1 }, ...others].map((fields) => create(who, fields)));
  const board = await newBoard(width);
  await board.goto(stack.local.url, `?workspace=width-${width}`);
  await board.hasTasks(31);
  expect(await board.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  const card = await board.card(long, 'inbox').boundingBox();
  const column = await board.page.locator('[data-status="inbox"]').boundingBox();
  expect(card!.x + card!.width).toBeLessThanOrEqual(column!.x + column!.width);
  expectNoComplaints();
});
