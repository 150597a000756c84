import type { BrowserContextOptions, Locator } from 'playwright-core';
import type { BoardPage } from './board-page.ts';
import { Boards } from './boards.ts';

const boards = new Boards();

/** Writes as bob, and gives what the task is then. */
async function asBob(workspace: string, method: string, path: string, fields?: object) {
  const { status, body } = await boards.stack.request({ sub: 'bob', workspace }, method, path, fields);
  expect(status).toBeLessThan(300);
  return body.task;
}

/** Opens a task that bob has made, on alice's board. */
async function openTask(
  workspace: string,
  fields: object = {},
  options?: BrowserContextOptions,
): Promise<{ readonly board: BoardPage; readonly sheet: Locator; readonly path: string }> {
  const { id } = await asBob(workspace, 'POST', '/tasks', { name: 'Milk', ...fields });
  const board = await boards.open(`?workspace=${workspace}#task-${id}`, options);
  const sheet = board.page.getByRole('dialog', { name: `Task #${id}` });
  await sheet.getByLabel('Name').waitFor();
  return { board, sheet, path: `/tasks/${id}` };
}

/** Resolves when a field has a value. */
async function hasValue(field: Locator, value: string): Promise<void> {
  const handle = await field.elementHandle();
  await field
    .page()
    .waitForFunction(([element, wanted]) => (element as HTMLInputElement).value === wanted, [
      handle,
      value,
    ] as const);
}

describe('the detail of a task', () => {
  it('shows all of it, saves texts together and choices at once, and takes the focus and gives it back', async () => {
    const { id } = await asBob('edit', 'POST', '/tasks', { name: 'Milk' });
    const board = await boards.open('?workspace=edit&user=root&admin=true');
    const opener = board.card('Milk').getByRole('button', { name: 'Milk', exact: true });
    await opener.click();
    const sheet = board.page.getByRole('dialog', { name: `Task #${id}` });
    expect(await sheet.evaluate((element) => element.contains(document.activeElement))).toBe(true);
    const saved = async () => asBob('edit', 'GET', `/tasks/${id}`);
    await sheet.getByLabel('Name').fill('Oat milk');
    await sheet.getByLabel('Priority').fill('30');
    await sheet.getByLabel('Description').fill('Two');
    expect(await saved()).toMatchObject({ name: 'Milk', version: 1 });
    await sheet.getByLabel('Description').press('Control+Enter');
    await sheet.getByText('Version 2').waitFor();
    expect(await saved()).toMatchObject({ name: 'Oat milk', priority: 30, description: 'Two', version: 2 });
    await sheet.getByLabel('Description').fill('');
    await sheet.getByRole('button', { name: 'Save' }).click();
    await sheet.getByText('Version 3').waitFor();
    await sheet.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' });

    await sheet.getByRole('button', { name: 'Done' }).click();
    await sheet.getByText('Version 4').waitFor();
    for (const [index, flag] of ['Blocked', 'For an agent', 'Private'].entries()) {
      await sheet.getByLabel(flag).check();
      await sheet.getByText(`Version ${5 + index}`).waitFor();
    }
    await sheet.getByLabel('Assignees').fill('carol');
    await sheet.getByLabel('Assignees').press('Enter');
    await sheet.getByText('Version 8').waitFor();
    await sheet.getByText('Changed last by root, just now').waitFor();
    await sheet.getByText('Made by bob, just now').waitFor();
    expect(await saved()).toMatchObject({
      description: null,
      status: 'done',
      blocked: true,
      assigned_to_agent: true,
      visibility: 'private',
      assignees: ['carol'],
    });
    await board.page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    const moved = board.card('Oat milk', 'done').getByRole('button', { name: 'Oat milk', exact: true });
    await board.page.waitForFunction(
      (element) => element === document.activeElement,
      await moved.elementHandle(),
    );
    expect(board.complaints).toEqual([]);
  });

  it('follows what others change in what its user does not edit', async () => {
    const { sheet, path } = await openTask('live');
    await sheet.getByLabel('Description').fill('Mine');
    await asBob('live', 'PATCH', path, { name: 'Tea', priority: 5, status: 'up_next', blocked: true });
    await hasValue(sheet.getByLabel('Name'), 'Tea');
    expect(await sheet.getByLabel('Priority').inputValue()).toBe('5');
    expect(await sheet.getByLabel('Blocked').isChecked()).toBe(true);
    await sheet.getByRole('button', { name: 'Up next', pressed: true }).waitFor();
    expect(await sheet.getByLabel('Description').inputValue()).toBe('Mine');
    expect(await sheet.getByText('meanwhile').count()).toBe(0);
    await sheet.getByRole('button', { name: 'Save' }).click();
    await sheet.getByText('Version 3').waitFor();
    expect(await asBob('live', 'GET', path)).toMatchObject({ name: 'Tea', description: 'Mine' });
  });

  it('asks which text is kept where somebody changed what its user edits, and keeps the one or takes the other', async () => {
    const { sheet, path } = await openTask('both', { description: 'Old' });
    await sheet.getByLabel('Name').fill('Mine');
    await sheet.getByLabel('Description').fill('My words');
    await asBob('both', 'PATCH', path, { name: 'Theirs', description: 'Their words' });
    const note = sheet.getByRole('group', { name: 'Changed meanwhile' });
    const ofName = note.filter({ hasText: 'Theirs' });
    const ofDescription = note.filter({ hasText: 'Their words' });
    await ofName.getByText('bob changed this meanwhile:').waitFor();
    // To save is no answer.
    await sheet.getByLabel('Name').press('Enter');
    await ofName.getByRole('button', { name: 'Keep mine' }).click();
    await ofName.waitFor({ state: 'detached' });
    expect(await asBob('both', 'GET', path)).toMatchObject({ name: 'Theirs', description: 'Their words' });
    await ofDescription.getByRole('button', { name: 'Take bob’s' }).click();
    expect(await sheet.getByLabel('Description').inputValue()).toBe('Their words');
    await sheet.getByText('Version 3').waitFor();
    expect(await asBob('both', 'GET', path)).toMatchObject({ name: 'Mine', description: 'Their words' });
  });

  it('asks the same where a save or a choice comes too late', async () => {
    const { board, sheet, path } = await openTask('late');
    const beforeNextRequest = (fields: object): Promise<unknown> =>
      board.page.route(
        `**${path}`,
        async (route) => {
          await asBob('late', 'PATCH', path, fields);
          await route.fallback();
        },
        { times: 1 },
      );
    const note = sheet.getByRole('group', { name: 'Changed meanwhile' });
    await beforeNextRequest({ name: 'Theirs' });
    await sheet.getByLabel('Name').fill('Mine');
    await sheet.getByLabel('Name').press('Enter');
    await note.getByText('Theirs').waitFor();
    expect(await asBob('late', 'GET', path)).toMatchObject({ name: 'Theirs' });
    await note.getByRole('button', { name: 'Keep mine' }).click();
    await sheet.getByText('Version 3').waitFor();
    expect(await asBob('late', 'GET', path)).toMatchObject({ name: 'Mine' });
    await note.waitFor({ state: 'detached' });

    await beforeNextRequest({ status: 'in_review' });
    await sheet.getByRole('button', { name: 'Done' }).click();
    await note.getByText('it is in In review').waitFor();
    await sheet.getByRole('button', { name: 'In review', pressed: true }).waitFor();
    await note.getByRole('button', { name: 'Keep mine' }).click();
    await sheet.getByText('Version 5').waitFor();
    expect(await asBob('late', 'GET', path)).toMatchObject({ status: 'done' });

    await beforeNextRequest({ status: 'archived' });
    await sheet.getByRole('button', { name: 'Inbox' }).click();
    await note.getByRole('button', { name: 'Take bob’s' }).click();
    await note.waitFor({ state: 'detached' });
    expect(await asBob('late', 'GET', path)).toMatchObject({ status: 'archived' });
  });

  it('keeps texts that were not saved when it is closed, and says what the server refuses', async () => {
    const { board, sheet, path } = await openTask('kept');
    await sheet.getByLabel('Name').fill('x'.repeat(201));
    await sheet.getByRole('button', { name: 'Save' }).click();
    await sheet.getByRole('alert').getByText('Not saved').waitFor();
    expect(await sheet.getByRole('alert').textContent()).toContain('200 characters');
    await board.page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    const notice = board.notice('What you typed at #1 is not saved.');
    await notice.getByRole('button', { name: 'Open' }).click();
    await hasValue(sheet.getByLabel('Name'), 'x'.repeat(201));
    await sheet.getByRole('button', { name: 'Discard' }).click();
    await hasValue(sheet.getByLabel('Name'), 'Milk');
    expect(await asBob('kept', 'GET', path)).toMatchObject({ name: 'Milk', version: 1 });
  });

  it('is shown to the others: who looks at it and who types', async () => {
    const { sheet } = await openTask('seen');
    const bob = await boards.open('?workspace=seen&user=bob#task-1');
    const theirs = bob.page.getByRole('dialog', { name: 'Task #1' });
    await theirs.getByText('alice looks at this too').waitFor();
    await sheet.getByText('bob looks at this too').waitFor();
    await theirs.getByLabel('Description').pressSequentially('Hm');
    await sheet.getByText('bob is typing…').waitFor();
    await theirs.getByRole('button', { name: 'Save' }).click();
    await sheet.getByText('bob looks at this too').waitFor();
    await theirs.getByRole('button', { name: 'Close' }).click();
    await sheet.getByText('bob looks at this too').waitFor({ state: 'detached' });
    // One does not see oneself.
    expect(await sheet.getByText('alice').count()).toBe(0);
    expect(bob.complaints).toEqual([]);
  });

  it('lets only its creator and admins change who sees it and whom it is for, and says so', async () => {
    const { board, sheet } = await openTask('rights', { assignees: ['alice'] });
    await sheet.getByText('Only bob, who made it, and admins can change who sees this task').waitFor();
    expect(await sheet.getByLabel('Private').isDisabled()).toBe(true);
    expect(await sheet.getByLabel('Assignees').isDisabled()).toBe(true);
    expect(await sheet.getByRole('button', { name: 'Remove alice' }).isDisabled()).toBe(true);
    expect(await sheet.getByLabel('Blocked').isEnabled()).toBe(true);
    await board.page.context().setOffline(true);
    await sheet.getByText('Nothing can be saved now. There is no network.').waitFor();
    expect(await sheet.getByLabel('Blocked').isDisabled()).toBe(true);
    expect(await sheet.getByRole('button', { name: 'Done' }).isDisabled()).toBe(true);
    const bob = await boards.open('?workspace=rights&user=bob#task-1');
    expect(await bob.page.getByRole('dialog').getByLabel('Private').isEnabled()).toBe(true);
  });

  it.each([
    ['deleted', 'DELETE', undefined],
    ['hidden', 'PATCH', { visibility: 'private' }],
  ])('says that it was %s meanwhile, and gives back what was typed', async (workspace, method, fields) => {
    const { board, sheet, path } = await openTask(workspace);
    await sheet.getByLabel('Description').fill('A long text');
    await boards.stack.request({ sub: 'bob', workspace }, method, path, fields);
    await sheet.getByText('This task was deleted, or you may not see it any more.').waitFor();
    const copy = sheet.getByLabel('Description');
    await hasValue(copy, 'A long text');
    expect(await copy.getAttribute('readonly')).not.toBeNull();
    expect(await board.violations()).toEqual([]);
  });

  it('says where a link leads to nothing', async () => {
    const board = await boards.open('?workspace=nothing#task-99');
    const { page } = board;
    const sheet = page.getByRole('dialog', { name: 'Task #99' });
    await sheet.getByText('There is no task #99').waitFor();
    expect(await board.violations()).toEqual([]);
    await sheet.getByRole('button', { name: 'Close' }).click();
    await sheet.waitFor({ state: 'detached' });
    expect(new URL(page.url()).hash).toBe('');
  });

  it.each([
    ['light', 1500],
    ['dark', 1500],
    ['light', 390],
    ['dark', 390],
  ] as const)('keeps nobody out: %s, %i pixels', async (colorScheme, width) => {
    const options = { colorScheme, viewport: { width, height: 844 } };
    const fields = { description: 'x'.repeat(300), assignees: ['alice', 'y'.repeat(100)] };
    const { board, sheet, path } = await openTask('axe', fields, options);
    await sheet.getByLabel('Name').fill('Mine');
    await asBob('axe', 'PATCH', path, { name: 'Theirs', blocked: true, priority: 9 });
    await sheet.getByText('bob changed this meanwhile').waitFor();
    await sheet.getByText('changed its priority from 0 to 9').waitFor();
    expect(await board.violations()).toEqual([]);
    expect(await sheet.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
    const { x, width: taken } = (await sheet.boundingBox())!;
    expect(x + taken).toBe(width);
    expect(board.complaints).toEqual([]);
  });
});
