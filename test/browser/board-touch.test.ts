import type { Locator, Page } from 'playwright-core';
import type { FilledBoard } from './boards.ts';
import { Boards } from './boards.ts';
import { Finger, middleOf } from './finger.ts';

const boards = new Boards({ isQuiet: true });

interface Phone extends FilledBoard {
  readonly finger: Finger;
}

/** A board on a phone with these tasks in its inbox, the first at the top. */
async function openPhone(workspace: string, names: readonly string[]): Promise<Phone> {
  const viewport = { width: 390, height: 844 };
  const filled = await boards.openFilled(workspace, names, { viewport, hasTouch: true, isMobile: true });
  return { ...filled, finger: await Finger.on(filled.page) };
}

/** The button of a column, by its title or by that and its count. */
const button = (page: Page, title: string): Locator =>
  page.locator('.switcher').getByRole('button', { name: title });

/** The finger takes a card by resting on it. */
async function take({ page, board, finger }: Phone, name: string): Promise<void> {
  await finger.press(await middleOf(board.card(name)));
  await page.locator('.card.dragged', { hasText: name }).waitFor();
}

async function isOver(page: Page, title: string): Promise<void> {
  await page.locator('.switcher button[data-over="true"]', { hasText: title }).waitFor();
}

/** Whether a task is open. */
const isOpen = (page: Page): boolean => page.url().includes('#task-');

describe('a finger on a phone', () => {
  it('that rests on a card takes it to the column on whose button it lets go', async () => {
    const phone = await openPhone('touch-move', ['Milk', 'Tea']);
    const { board, page, finger, sent } = phone;
    await take(phone, 'Milk');
    await finger.moveTo(await middleOf(button(page, 'Up next')));
    await isOver(page, 'Up next');
    expect(await board.violations()).toEqual([]);
    await finger.lift();
    await button(page, 'Up next 1').waitFor();
    await page.locator('.card.dragged').waitFor({ state: 'detached' });
    await board.shows({ inbox: ['Tea'] });
    await button(page, 'Up next 1').tap();
    await board.shows({ up_next: ['Milk'] });
    expect(sent).toEqual(['{"status":"up_next"}']);
    expect(isOpen(page)).toBe(false);
  });

  it('that lets a card go elsewhere leaves it where it was', async () => {
    const phone = await openPhone('touch-back', ['Milk', 'Tea']);
    const { board, page, finger, sent } = phone;
    await take(phone, 'Milk');
    await finger.moveTo(await middleOf(button(page, 'Up next')));
    await isOver(page, 'Up next');
    await finger.moveTo({ x: 200, y: 700 });
    await page.locator('.switcher button[data-over="true"]').waitFor({ state: 'detached' });
    await finger.lift();
    await page
      .locator('[id^="DndLiveRegion"]', { hasText: 'Milk is left where it was.' })
      .waitFor({ state: 'attached' });
    await page.locator('.card.dragged').waitFor({ state: 'detached' });
    await board.shows({ inbox: ['Milk', 'Tea'] });
    expect(sent).toEqual([]);
    expect(isOpen(page)).toBe(false);
  });

  it('that takes a card and moves it nowhere opens nothing', async () => {
    const phone = await openPhone('touch-rest', ['Milk']);
    const { board, page, finger, sent } = phone;
    await take(phone, 'Milk');
    await finger.lift();
    await page.locator('.card.dragged').waitFor({ state: 'detached' });
    // Comes after the click that the browser makes of such a touch.
    await button(page, 'Up next').tap();
    await board.shows({ up_next: [] });
    expect(isOpen(page)).toBe(false);
    expect(sent).toEqual([]);
  });

  it('brings a card to a column whose button is off the screen', async () => {
    const phone = await openPhone('touch-far', ['Milk']);
    const { page, finger, sent } = phone;
    const { x, y } = await middleOf(button(page, 'Archived'));
    expect(x).toBeGreaterThan(390);
    await take(phone, 'Milk');
    // Near the edge, where the buttons come along.
    await finger.moveTo({ x: 360, y });
    await isOver(page, 'Archived');
    await finger.lift();
    await button(page, 'Archived 1').waitFor();
    expect(sent).toEqual(['{"status":"archived","archived":true}']);
  });

  it('that swipes scrolls the column and takes nothing, and by a tap opens a card', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `Task ${index + 1}`);
    const { board, page, finger, sent } = await openPhone('touch-swipe', names);
    const seen = await page.evaluateHandle(() => {
      const scroller = document.querySelector('.card-scroller')!;
      const watched = { taken: 0, scrolled: 0 };
      new MutationObserver(() => {
        watched.taken += document.querySelectorAll('.card.dragged').length;
      }).observe(document.body, { childList: true, subtree: true });
      scroller.addEventListener('scrollend', () => (watched.scrolled = scroller.scrollTop), { once: true });
      return watched;
    });
    const { x, y } = await middleOf(board.card('Task 6'));
    await finger.swipe({ x, y }, { x, y: y - 300 });
    await page.waitForFunction(({ scrolled }) => scrolled > 200, seen);
    expect(await seen.evaluate(({ taken }) => taken)).toBe(0);
    expect(isOpen(page)).toBe(false);

    await page.locator('.card-scroller').evaluate((element) => element.scrollTo(0, 0));
    await board.card('Task 2').tap();
    await page.getByRole('dialog', { name: 'Task #39' }).waitFor();
    expect(sent).toEqual([]);
  });

  it('keeps a card that somebody else takes off its column meanwhile', async () => {
    const phone = await openPhone('touch-meanwhile', ['Milk', 'Tea']);
    const { board, page, finger, sent } = phone;
    await take(phone, 'Milk');
    await finger.moveTo(await middleOf(button(page, 'Up next')));
    await isOver(page, 'Up next');
    const bob = { sub: 'bob', workspace: 'touch-meanwhile' };
    // The first of the column was created last.
    await boards.stack.request(bob, 'PATCH', '/tasks/2', { status: 'in_progress' });
    await button(page, 'In progress 1').waitFor();
    expect(await board.card('Milk', 'inbox').count()).toBe(0);
    await page.locator('.card.dragged', { hasText: 'Milk' }).waitFor();
    await finger.lift();
    await button(page, 'Up next 1').waitFor();
    expect(sent).toEqual(['{"status":"up_next"}']);
  });
});
