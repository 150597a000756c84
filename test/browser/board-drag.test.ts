import type { Locator, Page } from 'playwright-core';
import { Boards } from './boards.ts';
import { dropByMouse, Finger, middleOf } from './finger.ts';

const boards = new Boards();

const column = (page: Page, status: string): Locator => page.locator(`[data-status="${status}"]`);

/** Takes a card with the mouse, and holds it over a column. */
async function holdOver(page: Page, card: Locator, status: string): Promise<void> {
  const from = await middleOf(card.locator('.name'));
  const to = await middleOf(column(page, status));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 20, from.y + 10, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 8 });
  await page.locator(`[data-status="${status}"][data-over="true"]`).waitFor();
}

/** What assistive technology was told last of the drag. */
async function hasSaid(page: Page, text: string): Promise<void> {
  await page.locator('[id^="DndLiveRegion"]', { hasText: text }).waitFor({ state: 'attached' });
}

describe('a card that is dragged', () => {
  it('by the mouse is moved to the column in which it is dropped, and by nothing else', async () => {
    const { board, page, sent } = await boards.openFilled('mouse', ['Milk', 'Tea']);
    await holdOver(page, board.card('Milk'), 'in_review');
    expect(await board.violations()).toEqual([]);
    await dropByMouse(page);
    await board.card('Milk', 'in_review').waitFor();
    await page.getByText('Moved “Milk” to In review.').first().waitFor();
    expect(sent).toEqual(['{"status":"in_review"}']);

    await holdOver(page, board.card('Tea'), 'done');
    await page.keyboard.press('Escape');
    await dropByMouse(page);
    await holdOver(page, board.card('Tea'), 'inbox');
    await dropByMouse(page);
    await page.locator('.card.dragged').waitFor({ state: 'detached' });
    await board.card('Tea', 'inbox').waitFor();
    expect(sent).toHaveLength(1);
    expect(board.complaints).toEqual([]);
  });

  it('is moved as it is by then: others may have changed it, and the board around it', async () => {
    const { board, page, sent } = await boards.openFilled('meanwhile', ['Milk', 'Tea']);
    const bob = { sub: 'bob', workspace: 'meanwhile' };
    await holdOver(page, board.card('Milk'), 'done');
    // The id of the first that was created is that of the last of the column.
    await boards.stack.request(bob, 'PATCH', '/tasks/2', { name: 'Oat milk' });
    await boards.stack.request(bob, 'PATCH', '/tasks/1', { status: 'up_next' });
    await boards.stack.request(bob, 'POST', '/tasks', { name: 'Bread', priority: 9 });
    await board.card('Bread', 'inbox').waitFor();
    await page.locator('.card.dragged', { hasText: 'Oat milk' }).waitFor();
    await dropByMouse(page);
    await board.card('Oat milk', 'done').waitFor();
    await board.shows({ inbox: ['Bread'], up_next: ['Tea'], done: ['Oat milk'] });
    expect(sent).toEqual(['{"status":"done"}']);
    expect(board.complaints).toEqual([]);
  });

  it.each(['mouse', 'keys'])('stays taken by the %s when somebody moves it to another column', async (by) => {
    const workspace = `moved-under-${by}`;
    const { board, page, sent } = await boards.openFilled(workspace, ['Milk']);
    if (by === 'mouse') await holdOver(page, board.card('Milk'), 'done');
    else {
      await page.getByRole('button', { name: 'Move Milk' }).focus();
      await page.keyboard.press('Space');
      for (let step = 0; step < 4; step += 1) await page.keyboard.press('ArrowRight');
      await hasSaid(page, 'Milk is over Done.');
    }
    await boards.stack.request({ sub: 'bob', workspace }, 'PATCH', '/tasks/1', { status: 'in_review' });
    await column(page, 'in_review').locator('.card[data-task="1"][data-dragging="true"]').waitFor();
    await page.locator('.card.dragged', { hasText: 'Milk' }).waitFor();
    if (by === 'mouse') await dropByMouse(page);
    else await page.keyboard.press('Space');
    await board.card('Milk', 'done').waitFor();
    await hasSaid(page, 'Milk is dropped in Done.');
    expect(sent).toEqual(['{"status":"done"}']);
    expect(board.complaints).toEqual([]);
  });

  it('stays taken when its place in the column is pushed off the screen', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `Task ${index + 1}`);
    const { board, page, sent } = await boards.openFilled('pushed', names);
    await holdOver(page, board.card('Task 1'), 'done');
    const bob = { sub: 'bob', workspace: 'pushed' };
    // The first of the column was created last; without its priority it is the last of all.
    await boards.stack.request(bob, 'PATCH', '/tasks/60', { priority: 0 });
    const last = column(page, 'inbox').locator('li[aria-posinset="60"] .card[data-dragging="true"]');
    await last.waitFor();
    expect(await column(page, 'inbox').locator('li[aria-posinset="30"]').count()).toBe(0);
    await dropByMouse(page);
    await board.card('Task 1', 'done').waitFor();
    expect(sent).toEqual(['{"status":"done"}']);
    expect(board.complaints).toEqual([]);
  });

  it('by keys is taken by its handle, goes a column at a time, and says so', async () => {
    const { board, page, sent } = await boards.openFilled('keys', ['Milk']);
    const handle = page.getByRole('button', { name: 'Move Milk' });
    await handle.focus();
    // Held for a while, as people do: the second is a repetition of the first.
    await page.keyboard.down('Space');
    await page.keyboard.down('Space');
    await page.keyboard.up('Space');
    await hasSaid(page, 'Milk is taken, and is over Inbox, where it was.');
    await page.keyboard.press('ArrowRight');
    await hasSaid(page, 'Milk is over Up next.');
    await page.keyboard.press('ArrowRight');
    await hasSaid(page, 'Milk is over In progress.');
    await page.keyboard.press('ArrowLeft');
    await hasSaid(page, 'Milk is over Up next.');
    await page.keyboard.press('Space');
    await hasSaid(page, 'Milk is dropped in Up next.');
    await board.card('Milk', 'up_next').waitFor();
    expect(sent).toEqual(['{"status":"up_next"}']);

    await page.getByRole('button', { name: 'Move Milk' }).focus();
    await page.keyboard.press('Space');
    await hasSaid(page, 'Milk is taken, and is over Up next, where it was.');
    await page.keyboard.press('ArrowRight');
    await hasSaid(page, 'Milk is over In progress.');
    await page.keyboard.press('Escape');
    await hasSaid(page, 'Milk is left where it was.');
    await board.card('Milk', 'up_next').waitFor();
    expect(sent).toHaveLength(1);
    expect(board.complaints).toEqual([]);
  });

  it('by keys goes as far as they say, however fast they come, and keeps the focus', async () => {
    const { board, page, sent } = await boards.openFilled('fast-keys', ['Milk']);
    const handle = page.getByRole('button', { name: 'Move Milk' });
    await handle.focus();
    for (const key of ['Space', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter'])
      await page.keyboard.press(key);
    await board.card('Milk', 'in_review').waitFor();
    await hasSaid(page, 'Milk is dropped in In review.');
    await page.locator('.handle:focus').waitFor();
    await page.keyboard.press('Space');
    await hasSaid(page, 'Milk is taken, and is over In review, where it was.');
    await page.keyboard.press('Enter');
    await hasSaid(page, 'Milk is left where it was.');
    expect(sent).toEqual(['{"status":"in_review"}']);
    expect(board.complaints).toEqual([]);
  });

  it('is not said to be moved when somebody has deleted it meanwhile', async () => {
    const { board, page, sent } = await boards.openFilled('gone', ['Milk']);
    await page.getByRole('button', { name: 'Move Milk' }).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await hasSaid(page, 'Milk is over Up next.');
    const bob = { sub: 'bob', workspace: 'gone' };
    await boards.stack.request(bob, 'DELETE', '/tasks/1');
    await board.hasTasks(0);
    await page.keyboard.press('Space');
    await hasSaid(page, 'Milk is not moved. It is not there any more.');
    expect(sent).toEqual([]);
    expect(board.complaints).toEqual([]);
  });

  it('by a finger is taken when that rests on it, while a swipe scrolls', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `Task ${index + 1}`);
    const { board, page, sent } = await boards.openFilled('touch', names, { hasTouch: true });
    const finger = await Finger.on(page);
    const scroller = column(page, 'inbox').locator('.card-scroller');
    const start = await middleOf(board.card('Task 5'));
    const session = await page.context().newCDPSession(page);
    await session.send('Input.synthesizeScrollGesture', { ...start, yDistance: -300, speed: 3000 });
    expect(await scroller.evaluate(({ scrollTop }) => scrollTop)).toBeGreaterThan(100);
    expect(await page.locator('.card.dragged').count()).toBe(0);

    await scroller.evaluate((element) => element.scrollTo(0, 0));
    const from = await middleOf(board.card('Task 2'));
    const to = await middleOf(column(page, 'up_next'));
    await finger.press(from);
    await page.locator('.card.dragged').waitFor();
    await finger.moveTo(to);
    await page.locator('[data-status="up_next"][data-over="true"]').waitFor();
    await finger.lift();
    await board.card('Task 2', 'up_next').waitFor();
    expect(sent).toEqual(['{"status":"up_next"}']);
  });

  it('is where it is while nothing can be written', async () => {
    const { board, page } = await boards.openFilled('offline', ['Milk']);
    await page.context().setOffline(true);
    await page.locator('#connection[data-state="offline"]').waitFor();
    await page.getByRole('button', { name: 'Move Milk' }).waitFor({ state: 'detached' });
    const { x, y } = await middleOf(board.card('Milk'));
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 300, y + 100, { steps: 6 });
    expect(await page.locator('.card.dragged').count()).toBe(0);
    await dropByMouse(page);
    expect(await page.getByRole('button', { name: 'Actions for Milk' }).isDisabled()).toBe(true);
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Move Milk' }).waitFor();
  });
});

describe('the menu of a card', () => {
  it('is walked by keys, and moves the card once', async () => {
    const { board, page, sent } = await boards.openFilled('menu', ['Milk', 'Tea']);
    await page.getByRole('button', { name: 'Actions for Milk' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menu').waitFor();
    expect(await board.violations()).toEqual([]);
    await page.keyboard.type('done');
    await page.locator('[role="menuitem"][data-highlighted]', { hasText: 'Done' }).waitFor();
    await page.keyboard.press('Enter');
    await board.card('Milk', 'done').waitFor();
    await page.locator('[data-status="done"] .menu-trigger:focus').waitFor();
    expect(sent).toEqual(['{"status":"done"}']);
    expect(board.complaints).toEqual([]);
  });
});

describe('the face of a card', () => {
  it.each(['light', 'dark'] as const)('says all of its task, %s, and opens it', async (colorScheme) => {
    const workspace = `face-${colorScheme}`;
    await boards.stack.request({ sub: 'bob', workspace }, 'POST', '/tasks', {
      name: 'Bread',
      priority: 80,
      blocked: true,
      visibility: 'private',
      assigned_to_agent: true,
      assignees: ['bob', 'alice', 'carol', 'dave', 'erin'],
    });
    const { board, page } = await boards.openFilled(workspace, [], { colorScheme });
    const card = board.card('Bread');
    for (const text of ['#1', 'P80', 'Blocked', 'Private', 'Agent', '+2'])
      await card.getByText(text, { exact: true }).waitFor();
    await card.getByText('Assigned to bob, alice, carol, dave, erin').waitFor({ state: 'attached' });
    const [facts, people] = [card.locator('.facts'), card.locator('.card-people')];
    const { y, height } = (await facts.boundingBox())!;
    expect((await people.boundingBox())!.y).toBeGreaterThanOrEqual(y + height - 1);
    expect(await board.violations()).toEqual([]);
    // A card is opened where nothing else is.
    await card.click({ position: { x: 3, y: 3 } });
    await page.getByRole('dialog', { name: 'Task #1' }).waitFor();
    expect(board.complaints).toEqual([]);
  });
});

describe('a phone', () => {
  it('lets keys take a card from where it is', async () => {
    const { board, page, sent } = await boards.openFilled('phone-keys', ['Milk'], {
      viewport: { width: 390, height: 780 },
    });
    await page.getByRole('button', { name: 'Move Milk' }).focus();
    await page.keyboard.press('Space');
    await hasSaid(page, 'Milk is taken, and is over Inbox, where it was.');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Up next 1' }).waitFor();
    await hasSaid(page, 'Milk is dropped in Up next.');
    expect(await board.card('Milk').count()).toBe(0);
    await page.locator('.switcher button:focus').waitFor();
    expect(sent).toEqual(['{"status":"up_next"}']);
    expect(board.complaints).toEqual([]);
  });

  it('shows one column, chosen by its switcher, onto which cards are dragged', async () => {
    const { board, page, sent } = await boards.openFilled('phone', ['Milk', 'Tea'], {
      viewport: { width: 390, height: 780 },
      colorScheme: 'dark',
    });
    expect(await page.locator('.column').count()).toBe(1);
    expect(await board.violations()).toEqual([]);
    await page.getByRole('button', { name: 'Up next 0' }).click();
    expect(await page.locator('.card').count()).toBe(0);
    await page.getByRole('button', { name: 'Inbox 2' }).click();
    const from = await middleOf(board.card('Milk').locator('.name'));
    const to = await middleOf(page.getByRole('button', { name: 'Up next 0' }));
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x + 10, from.y - 20, { steps: 4 });
    await page.mouse.move(to.x, to.y, { steps: 8 });
    await page.locator('.switcher [data-over="true"]').waitFor();
    await dropByMouse(page);
    await page.getByRole('button', { name: 'Up next 1' }).click();
    await board.card('Milk', 'up_next').waitFor();
    expect(sent).toEqual(['{"status":"up_next"}']);
    // Nothing is wider than the page.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(board.complaints).toEqual([]);
  });
});
