import type { Locator } from 'playwright-core';
import { BoardPage } from './board-page.ts';
import { Boards } from './boards.ts';

let board: BoardPage | undefined;
const boards = new Boards();

/** Writes as bob. */
async function write(workspace: string, method: string, path: string, fields: object): Promise<void> {
  const { status } = await boards.stack.request({ sub: 'bob', workspace }, method, path, fields);
  expect(status).toBeLessThan(300);
}

/** Opens the first task of a workspace, once `prepare` was done with the page. */
async function openHistory(
  workspace: string,
  prepare?: (opened: BoardPage) => Promise<unknown>,
): Promise<Locator> {
  board = await BoardPage.open(boards.browser, boards.stack.local.url, `?workspace=${workspace}`);
  await prepare?.(board);
  await board.page.evaluate(() => {
    location.hash = 'task-1';
  });
  return board.page.getByRole('region', { name: 'History' });
}

/** Resolves when the history has these entries, without their times. */
async function tells(history: Locator, entries: readonly string[]): Promise<void> {
  await history.getByText(entries[0]!, { exact: true }).waitFor();
  expect(await history.locator('li > span').allTextContents()).toEqual(entries);
}

describe('the history of a task', () => {
  it('tells in words who did what, each write once, and goes on while it is open', async () => {
    await write('words', 'POST', '/tasks', { name: 'Milk' });
    await write('words', 'POST', '/tasks', { name: 'Another' });
    await write('words', 'PATCH', '/tasks/1', { status: 'done' });
    await write('words', 'PATCH', '/tasks/1', { name: 'Tea', description: 'Green', priority: 10 });
    await write('words', 'PATCH', '/tasks/1', { assignees: ['carol', 'dave'], status: 'inbox' });
    await write('words', 'PATCH', '/tasks/2', { name: 'Yet another' });
    const history = await openHistory('words');
    const told = [
      'bob moved it from Done to Inbox and assigned carol, dave.',
      'bob renamed it from “Milk” to “Tea”, described it, and changed its priority from 0 to 10.',
      'bob moved it from Inbox to Done.',
      'bob made it, in Inbox.',
    ];
    await tells(history, told);
    const time = history.locator('time').first();
    expect(await time.textContent()).toBe('just now');
    expect(Date.parse((await time.getAttribute('datetime'))!)).toBeGreaterThan(0);
    expect(await history.getByRole('button').count()).toBe(0);
    expect(await history.getByText('not kept').count()).toBe(0);

    await write('words', 'PATCH', '/tasks/1', { blocked: true, assignees: ['dave'], archived: true });
    await tells(history, [
      'bob moved it from Inbox to Archived, said that it is blocked, and took it from carol.',
      ...told,
    ]);
    expect(board!.complaints).toEqual([]);
  });

  it('has more on demand, and says what the last of a page was without what was before it', async () => {
    await write('many', 'POST', '/tasks', { name: 'Milk' });
    for (let priority = 1; priority <= 25; priority += 1)
      await write('many', 'PATCH', '/tasks/1', { priority });
    const history = await openHistory('many');
    await history.getByText('bob changed its priority from 24 to 25.').waitFor();
    expect(await history.getByRole('listitem').count()).toBe(20);
    expect(await history.getByRole('listitem').last().textContent()).toContain('bob changed it.');
    // A cursor that was for other rights is forgotten.
    await board!.page.route(
      '**/events?*',
      (route) => route.fulfill({ status: 400, json: { error: 'not yours', code: 'invalid_cursor' } }),
      { times: 1 },
    );
    await history.getByRole('button', { name: 'Older changes' }).click();
    await history.getByRole('alert').getByText('invalid_cursor').waitFor();
    await history.getByRole('button', { name: 'Try again' }).click();
    await history.getByRole('button', { name: 'Older changes' }).click();
    await history.getByText('bob made it, in Inbox.').waitFor();
    expect(await history.getByRole('listitem').count()).toBe(26);
    await history.getByText('bob changed its priority from 5 to 6.').waitFor();
    expect(await history.getByText('bob changed it.').count()).toBe(0);
    expect(await history.getByRole('button').count()).toBe(0);
  });

  it('says what it does not have, goes over what is empty, and tries again what has failed', async () => {
    await write('gaps', 'POST', '/tasks', { name: 'Milk' });
    await write('gaps', 'PATCH', '/tasks/1', { status: 'done' });
    const asked: string[] = [];
    let isUp = false;
    const history = await openHistory('gaps', ({ page }) =>
      page.route('**/events?*', async (route) => {
        const { searchParams } = new URL(route.request().url());
        if (!isUp) return route.abort();
        asked.push(searchParams.get('cursor') ?? '');
        if (asked.length === 1)
          return route.fulfill({
            json: { events: [], complete: false, reason: 'resync', nextCursor: 'next' },
          });
        searchParams.delete('cursor');
        const answer = await route.fetch({
          url: `${boards.stack.local.url}/events?${searchParams.toString()}`,
        });
        const { events } = (await answer.json()) as { events: { readonly type: string }[] };
        const kept = events.filter(({ type }) => type !== 'task.created');
        return route.fulfill({ json: { events: kept, complete: true } });
      }),
    );
    await history.getByRole('alert').getByText('The history cannot be shown.').waitFor();
    isUp = true;
    await history.getByRole('button', { name: 'Try again' }).click();
    await tells(history, ['bob moved it from Inbox to Done.']);
    await history.getByText('Older changes are not kept.').waitFor();
    await history.getByText('Some changes are missing here').waitFor();
    expect(await history.getByRole('alert').count()).toBe(0);
    expect(asked).toEqual(['', 'next']);
  });
});
