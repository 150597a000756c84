import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { complaintsOf } from './browser.ts';

/** The board in a page, and what its users do there. */
export class BoardPage {
  readonly page: Page;
  /** What the browser has complained of. */
  readonly complaints: readonly string[];

  constructor(page: Page) {
    this.page = page;
    this.complaints = complaintsOf(page);
  }

  /** Opens the board in a browser of its own, so to speak, and waits until it is live and has loaded. */
  static async open(
    browser: Browser,
    url: string,
    query = '',
    options: BrowserContextOptions = {},
  ): Promise<BoardPage> {
    const context = await browser.newContext({ viewport: { width: 1500, height: 900 }, ...options });
    const board = new BoardPage(await context.newPage());
    await board.goto(url, query);
    return board;
  }

  /** What axe finds that keeps people out: the rules, and the elements that break them. */
  async violations(): Promise<readonly string[]> {
    const { violations } = await new AxeBuilder({ page: this.page }).analyze();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  }

  async goto(url: string, query = ''): Promise<void> {
    await this.page.goto(`${url}/${query}`);
    await this.isReady();
  }

  /** Resolves when the board is live and has loaded. */
  async isReady(): Promise<void> {
    await this.page.locator('#connection[data-state="live"]').waitFor();
    await this.page.locator('#board[aria-busy="false"]').waitFor();
  }

  /** The card of a task, in one column or in any. */
  card(name: string, column?: string): Locator {
    const named = this.page.locator('.name').getByText(name, { exact: true });
    const cards = this.page.locator(column === undefined ? '.card' : `[data-status="${column}"] .card`);
    return cards.filter({ has: named });
  }

  async addTask(name: string, { isPrivate = false } = {}): Promise<void> {
    await this.page.getByRole('button', { name: 'New task' }).click();
    const form = this.page.getByRole('form', { name: 'New task' });
    await form.getByLabel('Name').fill(name);
    await form.getByLabel('Private').setChecked(isPrivate);
    await form.getByRole('button', { name: 'Add task' }).click();
    await this.card(name, 'inbox').waitFor();
  }

  /** Chooses in the menu of a task's card: a column's title, or `Delete`. */
  async choose(name: string, item: string): Promise<void> {
    await this.card(name)
      .getByRole('button', { name: `Actions for ${name}` })
      .click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  /** Opens the drawer of the frames, and gives those that it shows: all, or those of a type. */
  async frames(type?: string): Promise<Locator> {
    const button = this.page.getByRole('button', { name: 'Frames', exact: true });
    if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click();
    await this.page.getByRole('heading', { name: 'Frames' }).waitFor();
    return this.page.locator(type === undefined ? '#frames > *' : `#frames [data-type="${type}"]`);
  }

  /** What the page tells in its corner. */
  notice(text: string): Locator {
    return this.page.locator('.toast').filter({ hasText: text });
  }

  /** Resolves when the board has so many tasks. */
  async hasTasks(count: number): Promise<void> {
    await this.page.locator(`#board[data-tasks="${count}"]`).waitFor();
  }

  /** Resolves when the columns have these tasks and no others, by their names and in this order. */
  async shows(columns: Readonly<Record<string, readonly string[]>>): Promise<void> {
    await this.page.waitForFunction(
      (expected) =>
        [...document.querySelectorAll<HTMLElement>('[data-status]')].every((column) => {
          const names = [...column.querySelectorAll('.card .name')].map(({ textContent }) => textContent);
          return names.join('\n') === (expected[column.dataset['status']!] ?? []).join('\n');
        }),
      columns,
    );
  }

  /** Closes the page, and the browser that it has of its own. */
  async close(): Promise<void> {
    await this.page.context().close();
  }
}
