import { Boards } from './boards.ts';

const boards = new Boards({ isQuiet: true });

/** Writes tasks of a workspace, as bob. */
async function write(workspace: string, ...tasks: readonly object[]): Promise<void> {
  for (const task of tasks)
    expect((await boards.stack.request({ sub: 'bob', workspace }, 'POST', '/tasks', task)).status).toBe(201);
}

describe('the keys of the board', () => {
  it('begin a task, search and help, and are typed where somebody types', async () => {
    const board = await boards.open('?workspace=keys');
    const { page } = board;
    await page.keyboard.press('n');
    const name = page.getByRole('dialog', { name: 'New task' }).getByLabel('Name');
    await name.waitFor();
    expect(await name.evaluate((input) => input === document.activeElement)).toBe(true);
    await page.keyboard.type('n/?');
    expect(await name.inputValue()).toBe('n/?');
    await page.getByRole('dialog').getByRole('button', { name: 'Add task' }).click();
    await page.locator('[data-status="inbox"] .card').waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await page.keyboard.press('/');
    await page.keyboard.type('n?');
    const search = page.getByRole('searchbox', { name: 'Search tasks' });
    expect(await search.inputValue()).toBe('n?');
    await page.keyboard.press('Escape');
    expect(await search.inputValue()).toBe('');
    await page.keyboard.press('Escape');

    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keys' });
    await help.waitFor();
    await page.keyboard.press('n');
    expect(await page.getByRole('dialog').count()).toBe(1);
    expect(await board.violations()).toEqual([]);
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
  });

  it('do nothing under a dialog that is open and has not got the focus yet', async () => {
    const { page } = await boards.open('?workspace=quick-keys');
    await page.evaluate(() => {
      const press = (key: string): boolean =>
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      const observer = new MutationObserver(() => {
        if (document.querySelector('[role="dialog"]') === null) return;
        observer.disconnect();
        press('n');
        press('/');
      });
      observer.observe(document.body, { childList: true, subtree: true });
      press('?');
    });
    const help = page.getByRole('dialog', { name: 'Keys' });
    await help.locator(':focus').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(1);
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
  });

  it('work while the page tells something in its corner', async () => {
    await write('told-keys', { name: 'Milk' });
    const board = await boards.open('?workspace=told-keys');
    const { page } = board;
    await board.choose('Milk', 'Done');
    const told = board.notice('Moved “Milk” to Done.');
    // It stays for as long as the mouse is over it.
    await told.hover();
    await page.keyboard.press('n');
    await page.getByRole('dialog', { name: 'New task' }).waitFor();
    expect(await told.isVisible()).toBe(true);
  });

  it('can be turned off, and stay off in that browser', async () => {
    const { page } = await boards.open('?workspace=no-keys');
    await page.getByRole('button', { name: 'Keys', exact: true }).click();
    await page.getByLabel('Use the single keys n, / and ?').uncheck();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.reload();
    await page.locator('#board[aria-busy="false"]').waitFor();
    await page.keyboard.press('?');
    await page.keyboard.press('n');
    await page.keyboard.press('Control+/');
    // What the keys would have opened comes before what is asked for after them.
    await page.getByRole('button', { name: 'Keys', exact: true }).click();
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(1);
    expect(await page.getByLabel('Use the single keys n, / and ?').isChecked()).toBe(false);
  });
});

describe('search and filters', () => {
  it('leave the tasks that fit, as they change, and say how many', async () => {
    await write(
      'filter',
      { name: 'Buy milk', blocked: true },
      { name: 'Buy tea', assignees: ['alice'] },
      { name: 'Sell cars', status: 'done', assigned_to_agent: true },
    );
    const board = await boards.open('?workspace=filter');
    const { page } = board;
    const names = page.locator('.card .name');
    await page.keyboard.press('/');
    await page.keyboard.type('BUY');
    await page.getByRole('status').getByText('2 of 3').waitFor();
    expect((await names.allTextContents()).toSorted()).toEqual(['Buy milk', 'Buy tea']);
    await page.getByRole('button', { name: 'Blocked' }).click();
    await page.getByRole('status').getByText('1 of 3').waitFor();
    expect(await names.allTextContents()).toEqual(['Buy milk']);

    await write('filter', { name: 'Buy bread', blocked: true }, { name: 'Buy salt' });
    await page.getByRole('status').getByText('2 of 5').waitFor();
    expect((await names.allTextContents()).toSorted()).toEqual(['Buy bread', 'Buy milk']);

    await page.getByRole('button', { name: 'Private' }).click();
    await page.getByText('No task fits').waitFor();
    expect(await board.violations()).toEqual([]);
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByText('Sell cars', { exact: true }).waitFor();
    expect(await names.count()).toBe(5);

    await page.getByRole('button', { name: 'Assigned to me' }).click();
    await page.getByRole('status').getByText('1 of 5').waitFor();
    expect(await names.allTextContents()).toEqual(['Buy tea']);
  });
});

describe('the others on the board', () => {
  it('are seen as they come, look away and go', async () => {
    const alice = await boards.open('?workspace=here');
    const who = alice.page.locator('#who-is-here');
    expect(await who.count()).toBe(0);
    const bob = await boards.open('?workspace=here&user=bob');
    await alice.page.getByRole('button', { name: '1 here besides you' }).click();
    const list = alice.page.getByRole('dialog', { name: 'Here besides you' });
    await list.getByText('bob').waitFor();
    await list.getByText('at the board').waitFor();
    expect(await alice.violations()).toEqual([]);
    // The page alone: a browser that goes as a whole may take its last words with it.
    await bob.page.close();
    await who.waitFor({ state: 'detached' });
  });

  it('are heard: what they change is told politely, and what the user changes is not', async () => {
    const { page } = await boards.open('?workspace=heard');
    const said = page.locator('#announcements');
    expect(await said.getAttribute('role')).toBe('status');
    await write('heard', { name: 'Milk' });
    await said.getByText('bob added “Milk” to Inbox.').waitFor();
    const alice = { sub: 'alice', workspace: 'heard' };
    await boards.stack.request(alice, 'POST', '/tasks', { name: 'Own' });
    await page.getByText('Own', { exact: true }).waitFor();
    const bob = { sub: 'bob', workspace: 'heard' };
    await boards.stack.request(bob, 'PATCH', '/tasks/1', { status: 'done' });
    await said.getByText('bob moved “Milk” to Done.').waitFor();
    expect(await said.textContent()).toBe('bob moved “Milk” to Done.');
  });
});
