import type { Locator } from 'playwright-core';
import type { BoardPage } from './board-page.ts';
import { Boards } from './boards.ts';

const boards = new Boards();

/** Opens the form. */
async function begin({ page }: BoardPage): Promise<Locator> {
  await page.getByRole('button', { name: 'New task' }).click();
  const form = page.getByRole('form', { name: 'New task' });
  await form.waitFor();
  return form;
}

async function tasksOf(workspace: string): Promise<readonly { readonly name: string }[]> {
  return (await boards.stack.request({ sub: 'alice', workspace }, 'GET', '/tasks')).body.tasks;
}

/** Resolves when the form has gone. */
function isClosed({ page }: BoardPage): Promise<void> {
  return page.getByRole('form', { name: 'New task' }).waitFor({ state: 'detached' });
}

describe('the form for a new task', () => {
  it('makes a task with all that stands in it, and with those who are here as assignees', async () => {
    const board = await boards.open('?workspace=all');
    await boards.open('?workspace=all&user=bob');
    const form = await begin(board);
    const name = form.getByLabel('Name');
    expect(await name.evaluate((input) => input === document.activeElement)).toBe(true);
    await name.fill('Milk');
    await form.getByLabel('Description').fill('Two bottles\nof oat milk');
    await form.getByRole('button', { name: 'In review' }).click();
    await form.getByLabel('Priority').fill('70');
    for (const flag of ['Blocked', 'For an agent', 'Private']) await form.getByLabel(flag).check();
    await form.getByLabel('Assignees').fill('carol');
    await form.getByLabel('Assignees').press('Enter');
    await form.getByRole('button', { name: '+ bob' }).click();
    await form.getByLabel('Assignees').fill('dave');
    await form.getByRole('button', { name: 'Assign', exact: true }).click();
    await form.getByRole('button', { name: 'Remove carol' }).click();
    // What was typed there and not added is meant too.
    await form.getByLabel('Assignees').fill('erin');
    await form.getByRole('button', { name: 'Add task' }).click();
    await board.card('Milk', 'in_review').waitFor();
    await isClosed(board);
    expect(await tasksOf('all')).toEqual([
      expect.objectContaining({
        name: 'Milk',
        description: 'Two bottles\nof oat milk',
        status: 'in_review',
        priority: 70,
        blocked: true,
        assigned_to_agent: true,
        archived: false,
        visibility: 'private',
        assignees: ['bob', 'dave', 'erin'],
        created_by: 'alice',
      }),
    ]);
    expect(board.complaints).toEqual([]);
  });

  it('sends what was left alone as it is by default, also from the description by Ctrl and Enter', async () => {
    const board = await boards.open('?workspace=plain');
    const form = await begin(board);
    await form.getByLabel('Name').fill('Plain');
    await form.getByLabel('Description').press('Control+Enter');
    await isClosed(board);
    expect(await tasksOf('plain')).toEqual([
      expect.objectContaining({
        name: 'Plain',
        description: null,
        status: 'inbox',
        priority: 0,
        blocked: false,
        assigned_to_agent: false,
        visibility: 'workspace',
        assignees: [],
      }),
    ]);
  });

  it('makes one task of a double click, of Enter twice and of a lost answer', async () => {
    const board = await boards.open('?workspace=once');
    const { page } = board;
    const keys: (string | undefined)[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST' && new URL(request.url()).pathname === '/tasks')
        keys.push(request.headers()['idempotency-key']);
    });
    const form = await begin(board);
    await form.getByLabel('Name').fill('Clicked');
    await form.getByRole('button', { name: 'Add task' }).dblclick();
    await board.card('Clicked', 'inbox').waitFor();
    await isClosed(board);
    await begin(board);
    await form.getByLabel('Name').fill('Entered');
    await form.evaluate((element: HTMLFormElement) => {
      element.requestSubmit();
      element.requestSubmit();
    });
    await board.card('Entered', 'inbox').waitFor();
    await isClosed(board);
    expect(keys).toHaveLength(2);

    // The task is created, and the page does not hear of it, nor of its event: three times by itself, and once by its user.
    let losses = 4;
    await page.route('**/tasks', async (route) => {
      if (route.request().method() !== 'POST' || losses === 0) return route.fallback();
      losses -= 1;
      return losses === 3 ? route.fetch().then(() => route.abort()) : route.abort();
    });
    await page.route('**/sse/connect*', (route) => route.abort());
    await page.evaluate(() => dispatchEvent(new Event('offline')));
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await begin(board);
    await form.getByLabel('Name').fill('Lost');
    await form.getByLabel('Name').press('Enter');
    await form.getByRole('alert').getByText('The server does not answer').waitFor();
    expect(await form.getByLabel('Name').inputValue()).toBe('Lost');
    await form.getByLabel('Name').press('Enter');
    await isClosed(board);
    await page.unroute('**/sse/connect*');
    expect(new Set(keys.slice(2)).size).toBe(1);
    expect(keys).toHaveLength(7);

    // The same name again is another task.
    await begin(board);
    await form.getByLabel('Name').fill('Lost');
    await form.getByLabel('Name').press('Enter');
    await isClosed(board);
    await board.hasTasks(4);
    expect((await tasksOf('once')).map(({ name }) => name)).toEqual(['Clicked', 'Entered', 'Lost', 'Lost']);
  });

  it('says why a task is refused, keeps what was typed, and sends what was changed as another one', async () => {
    const board = await boards.open('?workspace=refused');
    const keys: (string | undefined)[] = [];
    board.page.on('request', (request) => {
      if (request.method() === 'POST' && new URL(request.url()).pathname === '/tasks')
        keys.push(request.headers()['idempotency-key']);
    });
    const form = await begin(board);
    await form.getByLabel('Name').fill('x'.repeat(201));
    await form.getByLabel('Description').fill('Kept');
    await form.getByRole('button', { name: 'Add task' }).click();
    await form.getByRole('alert').getByText('Not added').waitFor();
    expect(await form.getByRole('alert').textContent()).toContain('200 characters');
    expect(await form.getByLabel('Description').inputValue()).toBe('Kept');
    await form.getByLabel('Name').fill('Short');
    await form.getByRole('button', { name: 'Add task' }).click();
    await board.card('Short', 'inbox').waitFor();
    await isClosed(board);
    expect(new Set(keys).size).toBe(2);
    expect(await tasksOf('refused')).toEqual([
      expect.objectContaining({ name: 'Short', description: 'Kept' }),
    ]);
  });

  it('keeps a draft when it is left by Escape or a click beside it, until that is discarded', async () => {
    const board = await boards.open('?workspace=draft');
    const { page } = board;
    const form = await begin(board);
    await form.getByLabel('Name').fill('Half');
    await form.getByRole('button', { name: 'Done' }).click();
    await page.keyboard.press('Escape');
    await isClosed(board);
    await begin(board);
    expect(await form.getByLabel('Name').inputValue()).toBe('Half');
    await form.getByLabel('Description').fill('more');
    await page.mouse.click(5, 5);
    await isClosed(board);
    await begin(board);
    expect(await form.getByLabel('Description').inputValue()).toBe('more');
    await form.getByRole('button', { name: 'Done', pressed: true }).waitFor();
    await form.getByRole('button', { name: 'Discard' }).click();
    await isClosed(board);
    await begin(board);
    expect(await form.getByLabel('Name').inputValue()).toBe('');
    await form.getByRole('button', { name: 'Inbox', pressed: true }).waitFor();
  });

  it('adds nothing without a network, and says so', async () => {
    const board = await boards.open('?workspace=offline');
    const form = await begin(board);
    await form.getByLabel('Name').fill('Later');
    await board.page.context().setOffline(true);
    await form.getByText('There is no network.').waitFor();
    expect(await form.getByRole('button', { name: 'Add task' }).isDisabled()).toBe(true);
    await board.page.context().setOffline(false);
    await form.getByRole('button', { name: 'Add task', disabled: false }).click();
    await board.card('Later', 'inbox').waitFor();
  });

  it.each([
    ['light', 1500],
    ['dark', 1500],
    ['light', 390],
    ['dark', 390],
  ] as const)('keeps nobody out: %s, %i pixels', async (colorScheme, width) => {
    const board = await boards.open(`?workspace=axe`, { colorScheme, viewport: { width, height: 844 } });
    const form = await begin(board);
    await form.getByRole('button', { name: '+ alice' }).click();
    await form.getByLabel('Name').fill(' ');
    await form.getByRole('button', { name: 'Add task' }).click();
    await form.getByRole('alert').waitFor();
    expect(await board.violations()).toEqual([]);
    expect(await form.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
  });
});
