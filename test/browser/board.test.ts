import { fileURLToPath } from 'node:url';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Browser, Locator, Page } from 'playwright-core';
import { TestStack } from '../end-to-end/stack.ts';
import { complaintsOf, launchBrowser } from './browser.ts';

let stack: TestStack;
let browser: Browser;
let pages: { readonly page: Page; readonly complaints: readonly string[] }[] = [];

beforeAll(async () => {
  const pageDirectory = fileURLToPath(new URL('../../dashboard', import.meta.url));
  [stack, browser] = await Promise.all([TestStack.start({ pageDirectory }), launchBrowser()]);
});
afterEach(async () => {
  await Promise.all(pages.map(({ page }) => page.close()));
  pages = [];
});
afterAll(async () => {
  await browser.close();
  await stack.close();
});

async function newPage(width = 1400): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  pages.push({ page, complaints: complaintsOf(page) });
  return page;
}

/** Opens the board and waits until it is live and has loaded. */
async function openBoard(query: string, page?: Page): Promise<Page> {
  const opened = page ?? (await newPage());
  await opened.goto(`${stack.local.url}/${query}`);
  await isLive(opened);
  return opened;
}

async function isLive(page: Page): Promise<void> {
  await page.locator('#connection[data-state="live"]').waitFor();
  await page.locator('#board[aria-busy="false"]').waitFor();
}

function card(page: Page, column: string, name: string): Locator {
  const named = page.locator('.name').getByText(name, { exact: true });
  return page.locator(`[data-status="${column}"] .card`).filter({ has: named });
}

async function addTask(page: Page, name: string, { isPrivate = false } = {}): Promise<void> {
  await page.getByLabel('Name of the new task').fill(name);
  await page.getByRole('form', { name: 'New task' }).getByLabel('Private').setChecked(isPrivate);
  await page.getByRole('button', { name: 'Add task' }).click();
  await card(page, 'inbox', name).waitFor();
}

/** The frames that the page shows, the newest first, but for pings, which come by the clock. */
function shownFrames(page: Page): Locator {
  return page.locator('#frames > :not([data-type="ping"])');
}

/** The types of the frames that the page shows, the oldest first. */
async function frameTypes(page: Page): Promise<string[]> {
  return (await shownFrames(page).locator('.type').allTextContents()).toReversed();
}

function expectNoComplaints(): void {
  for (const { complaints } of pages) expect(complaints).toEqual([]);
}

describe('the page', () => {
  it('shows in one tab what is created, moved, renamed and deleted in the other', async () => {
    const first = await openBoard('?workspace=tabs');
    const second = await openBoard('?workspace=tabs&user=bob');

    await addTask(first, 'Write the notes');
    await card(second, 'inbox', 'Write the notes').waitFor();

    await second.getByLabel('Column of Write the notes').selectOption('In review');
    await card(first, 'in_review', 'Write the notes').waitFor();
    expect(await card(first, 'inbox', 'Write the notes').count()).toBe(0);

    await first.getByRole('button', { name: 'Rename Write the notes' }).click();
    await first.getByLabel('New name').fill('Read the notes');
    await first.getByLabel('New name').press('Enter');
    await card(second, 'in_review', 'Read the notes').waitFor();

    await second.getByRole('button', { name: 'Delete Read the notes' }).click();
    await first.locator('#board[data-tasks="0"]').waitFor();

    expect(await frameTypes(first)).toEqual([
      'connection.established',
      'task.created',
      'task.status_changed',
      'task.updated',
      'task.updated',
      'task.deleted',
    ]);
    const ids = await shownFrames(first).locator('.id').allTextContents();
    expect(new Set(ids).size).toBe(6);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{16}\.\d+\.\d+\.\d+\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{22}$/);
    expectNoComplaints();
  });

  it('shows a task that is put away among the archived, and takes it back to a column', async () => {
    const page = await openBoard('?workspace=archive');
    const who = { sub: 'bob', workspace: 'archive' };
    const { task } = (await stack.request(who, 'POST', '/tasks', { name: 'Old', status: 'done' })).body;
    await card(page, 'done', 'Old').waitFor();
    await stack.request(who, 'PATCH', `/tasks/${task.id}`, { archived: true });
    await card(page, 'archived', 'Old').waitFor();
    const choice = page.getByLabel('Column of Old');
    expect(await choice.inputValue()).toBe('archived');
    await choice.selectOption('Done');
    await card(page, 'done', 'Old').waitFor();
    expect((await stack.request(who, 'GET', `/tasks/${task.id}`)).body.task).toMatchObject({
      status: 'done',
      archived: false,
    });
    expectNoComplaints();
  });

  it('moves a task by the keyboard once, to the column on which the choice ends', async () => {
    const page = await openBoard('?workspace=keys');
    await addTask(page, 'By keys');
    const wanted: (string | null)[] = [];
    page.on('request', (request) => {
      if (request.method() === 'PATCH') wanted.push(request.postData());
    });
    const choice = page.getByLabel('Column of By keys');

    await choice.focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'ArrowDown']) await choice.press(key);
    expect(await choice.inputValue()).toBe('in_progress');
    await choice.press('Escape');
    expect(await choice.inputValue()).toBe('inbox');
    await choice.press('ArrowDown');
    await choice.press('ArrowDown');
    await choice.press('Enter');
    await card(page, 'in_progress', 'By keys').waitFor();

    await choice.focus();
    await choice.press('End');
    await choice.press('ArrowUp');
    await choice.press('Tab');
    await card(page, 'done', 'By keys').waitFor();
    expect(wanted).toEqual(['{"status":"in_progress"}', '{"status":"done"}']);
    expectNoComplaints();
  });

  it('announces why a connection has ended, with the connection', async () => {
    const page = await openBoard('?workspace=announced');
    const status = page.getByRole('status').filter({ hasText: 'Live' });
    expect(await status.locator('#connection-detail').count()).toBe(1);
  });

  it('shows a private task to its creator and to admins only, until it is shared', async () => {
    const alice = await openBoard('?workspace=private');
    const bob = await openBoard('?workspace=private&user=bob');
    const admin = await openBoard('?workspace=private&user=root&admin=true');
    await addTask(alice, 'Secret', { isPrivate: true });
    await addTask(alice, 'Public');
    await card(bob, 'inbox', 'Public').waitFor();
    await card(admin, 'inbox', 'Public').waitFor();
    expect(await bob.locator('.card').count()).toBe(1);
    expect(await admin.locator('.card').count()).toBe(2);
    expect(await bob.content()).not.toContain('Secret');

    await alice.getByRole('button', { name: 'Private: Secret' }).click();
    await card(bob, 'inbox', 'Secret').waitFor();
    await alice.getByRole('button', { name: 'Private: Secret', pressed: false }).waitFor();
    await alice.getByRole('button', { name: 'Private: Secret' }).click();
    await bob.locator('#board[data-tasks="1"]').waitFor();
    expectNoComplaints();
  });

  it('loads what was there before, and switches user and workspace in its tab', async () => {
    const who = { sub: 'alice', workspace: 'earlier' };
    await stack.request(who, 'POST', '/tasks', { name: 'Earlier', status: 'done' });
    const page = await openBoard('?workspace=earlier');
    await card(page, 'done', 'Earlier').waitFor();

    await page.getByLabel('User').fill('carol');
    await page.getByLabel('Workspace').fill('elsewhere');
    await page.getByRole('button', { name: 'Switch' }).click();
    await page.locator('#board[data-tasks="0"][aria-busy="false"]').waitFor();
    expect(new URL(page.url()).search).toBe('?user=carol&workspace=elsewhere');
    await page.reload();
    await isLive(page);
    expect(await page.getByLabel('User').inputValue()).toBe('carol');
    expectNoComplaints();
  });

  it('goes on after its cursor with a new token when the old one has expired', async () => {
    const page = await newPage();
    await page.route(
      '**/issuer/token',
      (route) =>
        route.continue({ postData: { sub: 'alice', workspace: 'expiry', admin: false, expiresIn: 10 } }),
      { times: 1 },
    );
    await openBoard('?workspace=expiry', page);
    await page.locator('#frames [data-type="resume"]').waitFor();
    await addTask(page, 'After the expiry');
    expect(await frameTypes(page)).toEqual([
      'connection.established',
      'handover',
      'connection.established',
      'resume',
      'task.created',
    ]);
    expect(await page.locator('[data-type="resume"] .data').textContent()).toBe('{"complete":true}');
    expectNoComplaints();
  });

  it('loads again when the stream cannot go on after its cursor', async () => {
    const page = await newPage();
    const who = { sub: 'alice', workspace: 'resync' };
    await openBoard('?workspace=resync', page);
    // An item that cannot be read as a task makes the log say "load again"; the next load holds what came with it.
    await stack.request(who, 'POST', '/tasks', { name: 'Valid' });
    await card(page, 'inbox', 'Valid').waitFor();
    const loaded = page.waitForResponse((response) => new URL(response.url()).pathname === '/tasks');
    const Item = { workspace: 'resync', id: 500, name: 7 };
    await stack.database.send(new PutCommand({ TableName: stack.local.tables['tasks'], Item }));
    await loaded;
    await page.locator('#board[aria-busy="false"][data-tasks="1"]').waitFor();
    expect(await page.locator('[data-type="resume"] .data').textContent()).toBe(
      '{"complete":false,"reason":"resync"}',
    );
    expectNoComplaints();
  });

  it('makes one task of a double click, of Enter twice and of a lost answer', async () => {
    const page = await openBoard('?workspace=once');
    const keys: (string | undefined)[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST' && new URL(request.url()).pathname === '/tasks')
        keys.push(request.headers()['idempotency-key']);
    });
    const name = page.getByLabel('Name of the new task');
    await name.fill('Clicked');
    await page.getByRole('button', { name: 'Add task' }).dblclick();
    await card(page, 'inbox', 'Clicked').waitFor();
    await name.fill('Entered');
    await page.evaluate(() => {
      const form = document.querySelector<HTMLFormElement>('#create')!;
      form.requestSubmit();
      form.requestSubmit();
    });
    await card(page, 'inbox', 'Entered').waitFor();
    expect(keys).toHaveLength(2);

    // The task is created, and the page does not hear of it: three times by itself, and once more by its user.
    let losses = 4;
    await page.route('**/tasks', async (route) => {
      if (route.request().method() !== 'POST' || losses === 0) return route.fallback();
      losses -= 1;
      await route.fetch();
      return route.abort();
    });
    await name.fill('Lost');
    await name.press('Enter');
    await page.getByRole('alert').getByText('The server does not answer').waitFor();
    await name.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'does not answer' }).waitFor({ state: 'hidden' });
    expect(await name.inputValue()).toBe('');
    expect(new Set(keys.slice(2)).size).toBe(1);
    expect(keys).toHaveLength(7);

    // The same name again is another task.
    await name.fill('Lost');
    await name.press('Enter');
    await page.locator('#board[data-tasks="4"]').waitFor();
    const { body } = await stack.request({ sub: 'alice', workspace: 'once' }, 'GET', '/tasks');
    expect(body.tasks.map((task: { name: string }) => task.name)).toEqual([
      'Clicked',
      'Entered',
      'Lost',
      'Lost',
    ]);
  });

  it('replaces nothing that somebody else has written meanwhile before its user has read it', async () => {
    const who = { sub: 'bob', workspace: 'shared' };
    const page = await openBoard('?workspace=shared');
    await addTask(page, 'Milk');
    const { body } = await stack.request(who, 'GET', '/tasks');
    const path = `/tasks/${body.tasks[0].id}`;
    const note = page.locator('.card .note');
    const saved = async (): Promise<{ name: string; status: string }> =>
      (await stack.request(who, 'GET', path)).body.task;

    /** Lets somebody write before the page's next request arrives, which it has sent without knowing of it. */
    const beforeNextRequest = (fields: object): Promise<unknown> =>
      page.route(
        `**${path}`,
        async (route) => {
          await stack.request(who, 'PATCH', path, fields);
          await route.fallback();
        },
        { times: 1 },
      );

    await page.getByRole('button', { name: 'Rename Milk' }).click();
    await page.getByLabel('New name').fill('Soy milk');
    await stack.request(who, 'PATCH', path, { name: 'Oat milk' });
    await note.getByText('Meanwhile bob named it “Oat milk”.').waitFor();
    await page.getByLabel('New name').press('Enter');
    await note.getByText('Not saved: meanwhile bob named it “Oat milk”.').waitFor();
    expect((await saved()).name).toBe('Oat milk');
    await page.getByLabel('New name').press('Enter');
    await card(page, 'inbox', 'Soy milk').waitFor();
    await note.waitFor({ state: 'hidden' });

    await beforeNextRequest({ status: 'in_review' });
    await page.getByLabel('Column of Soy milk').selectOption('Done');
    await note.getByText('bob changed it meanwhile: it is now in In review').waitFor();
    expect((await saved()).status).toBe('in_review');
    await card(page, 'in_review', 'Soy milk').waitFor();
    await page.getByLabel('Column of Soy milk').selectOption('Done');
    await card(page, 'done', 'Soy milk').waitFor();
    expect(await note.isVisible()).toBe(false);

    await beforeNextRequest({ description: 'two bottles' });
    await page.getByRole('button', { name: 'Delete Soy milk' }).click();
    await note.getByText('its description changed').waitFor();
    await page.getByRole('button', { name: 'Delete Soy milk' }).click();
    await page.locator('#board[data-tasks="0"]').waitFor();
  });

  it('shows what is archived in one column, whether its status says so or its flag', async () => {
    const who = { sub: 'bob', workspace: 'flag-or-status' };
    const { task } = (await stack.request(who, 'POST', '/tasks', { name: 'Old' })).body;
    await stack.request(who, 'PATCH', `/tasks/${task.id}`, { archived: true });
    const page = await openBoard('?workspace=flag-or-status');
    await card(page, 'archived', 'Old').waitFor();
    const column = page.getByLabel('Column of Old');
    expect(await column.inputValue()).toBe('archived');
    const saved = async (): Promise<unknown> => {
      const { status, archived } = (await stack.request(who, 'GET', `/tasks/${task.id}`)).body.task;
      return { status, archived };
    };
    await column.selectOption('Inbox');
    await card(page, 'inbox', 'Old').waitFor();
    expect(await saved()).toEqual({ status: 'inbox', archived: false });
    await column.selectOption('Archived');
    await card(page, 'archived', 'Old').waitFor();
    expect(await saved()).toEqual({ status: 'archived', archived: true });
    expectNoComplaints();
  });

  it('says what went wrong, with the code, and forgets it with the next success', async () => {
    const page = await openBoard('?workspace=trouble');
    await addTask(page, 'Gone');
    const removed = card(page, 'inbox', 'Gone');
    await page.route('**/tasks/*', (route) =>
      route.fulfill({
        status: 404,
        contentType: 'application/json',
        body: '{"error":"there is no such task","code":"task_not_found"}',
      }),
    );
    await page.getByLabel('Column of Gone').selectOption('Done');
    await page.getByRole('alert').getByText('there is no such task (task_not_found, HTTP 404)').waitFor();
    expect(await removed.locator('select').inputValue()).toBe('inbox');
    await addTask(page, 'Next');
    await page.getByRole('alert').waitFor({ state: 'hidden' });
  });

  it.each([400, 1400])('fits a window of %i pixels with long names and many tasks', async (width) => {
    const who = { sub: 'alice', workspace: `width-${width}` };
    const names = ['x'.repeat(200), ...Array.from({ length: 30 }, (_, index) => `Task ${index}`)];
    await Promise.all(names.map((name) => stack.request(who, 'POST', '/tasks', { name })));
    const page = await openBoard(`?workspace=width-${width}`, await newPage(width));
    await page.locator('#board[data-tasks="31"]').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    const long = await card(page, 'inbox', names[0]!).boundingBox();
    const column = await page.locator('[data-status="inbox"]').boundingBox();
    expect(long!.x + long!.width).toBeLessThanOrEqual(column!.x + column!.width);
    expectNoComplaints();
  });
});
