import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { Conditions } from '../../faults/board/conditions.ts';
import type { TestStack, Who } from '../end-to-end/stack.ts';
import { waitUntil } from '../wait-until.ts';

/** What the stack serves as its own page. */
export const pageDirectory = fileURLToPath(new URL('sharing', import.meta.url));

interface Told {
  readonly kind: 'status' | 'reload' | 'event' | 'presence' | 'leads';
  readonly text: string;
}

/** A tab that shares its stream with the others of its user, and what it is told. */
export class SharingPage {
  readonly page: Page;
  readonly told: Told[] = [];
  readonly #conditions: Conditions;

  private constructor(page: Page, conditions: Conditions) {
    this.page = page;
    this.#conditions = conditions;
  }

  /** Opens a tab; resolves when it is live, and a load is due. */
  static async open(
    stack: TestStack,
    tabs: BrowserContext,
    who: Who,
    presence = false,
  ): Promise<SharingPage> {
    const opened = new SharingPage(await tabs.newPage(), new Conditions());
    const { page } = opened;
    await page.exposeFunction('report', (kind: Told['kind'], text: string) => {
      opened.told.push({ kind, text });
      opened.#conditions.check();
    });
    await page.goto(`${stack.local.url}/`);
    const token = await stack.local.issuer.sign(who);
    await page.evaluate(
      `begin(${JSON.stringify(token)}, ${presence}).then(({ source }) => { globalThis.source = source; })`,
    );
    await opened.until(() => opened.reloads.length === 1 && opened.status === 'live');
    return opened;
  }

  get events(): string[] {
    return this.#texts('event');
  }

  get reloads(): string[] {
    return this.#texts('reload');
  }

  get status(): string | undefined {
    return this.#texts('status').at(-1);
  }

  /** How often it has led. */
  get leads(): number {
    return this.#texts('leads').length;
  }

  /** Resolves when a condition on what it was told is met. @throws {Error} when it never is. */
  until(condition: () => boolean): Promise<void> {
    return waitUntil(this.#conditions, condition, () => this.told);
  }

  /** Resolves when it was told of a task of this name. */
  async hears(name: string): Promise<void> {
    await this.until(() => this.events.includes(name));
  }

  #texts(kind: Told['kind']): string[] {
    return this.told.filter((each) => each.kind === kind).map(({ text }) => text);
  }
}
