import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import type { ConnectionStatus, ConnectOptions, TaskEvent } from '../../client/index.ts';
import { Conditions } from '../../faults/board/conditions.ts';
import type { TestStack, Who } from '../end-to-end/stack.ts';
import { waitUntil } from '../wait-until.ts';
import { complaintsOf } from './browser.ts';
import { pageScript } from './page-script.ts';

/** What the stack serves as its own page: an empty one. */
export const pageDirectory = join(import.meta.dirname, 'client');

/** What the options of `connect` are in a page; its token comes from the test. */
export type PageConnectOptions = Omit<ConnectOptions, 'token' | 'url'> & {
  /** A token that is used until it is refused, in place of fresh ones. */
  readonly token?: string;
  /** Where the stack is; the page's origin unless it is said. */
  readonly url?: string;
};

/** A page that uses the client package, and what it was told. */
export class ClientPage {
  readonly page: Page;
  readonly complaints: string[];
  readonly events: TaskEvent[] = [];
  readonly statuses: ConnectionStatus[] = [];
  readonly reloads: string[] = [];
  /** Which tokens were asked for: the one before that was refused, where one was. */
  readonly asked: Array<string | undefined> = [];
  readonly #conditions = new Conditions();

  private constructor(page: Page) {
    this.page = page;
    this.complaints = complaintsOf(page);
  }

  /** Opens a page of a user, and a connection in it that is not live yet. */
  static async open(
    stack: TestStack,
    context: BrowserContext,
    who: Who,
    { url = stack.local.url, ...options }: PageConnectOptions = {},
  ): Promise<ClientPage> {
    const opened = new ClientPage(await context.newPage());
    const { page } = opened;
    await page.exposeFunction('report', (kind: string, value: unknown) => opened.#note(kind, value));
    await page.exposeFunction('freshToken', (refused: string | undefined) => {
      opened.asked.push(refused);
      return stack.local.issuer.sign(who);
    });
    await page.goto(url);
    await page.evaluate(`
      ${pageScript('client/index.ts', { globalName: 'taskwire' })}
      const options = ${JSON.stringify(options)};
      options.token ??= ({ refused }) => freshToken(refused);
      globalThis.connection = taskwire.connect(options);
      for (const kind of ['task', 'status', 'reload']) connection.on(kind, (value) => report(kind, value));
      report('status', connection.status);
    `);
    return opened;
  }

  get status(): ConnectionStatus {
    return this.statuses.at(-1)!;
  }

  /** The ids of the tasks that it was told of, in order. */
  get told(): readonly number[] {
    return this.events.map(({ taskId }) => taskId);
  }

  /** Resolves when it is so. @throws {Error} when it never is. */
  until(isSo: () => boolean): Promise<void> {
    return waitUntil(this.#conditions, isSo, () => [this.statuses.slice(-5), this.told]);
  }

  async isIn(state: ConnectionStatus['state']): Promise<void> {
    await this.until(() => this.status.state === state);
  }

  async hears(taskId: number): Promise<void> {
    await this.until(() => this.told.includes(taskId));
  }

  #note(kind: string, value: unknown): void {
    if (kind === 'task') this.events.push(value as TaskEvent);
    else if (kind === 'status') this.statuses.push(value as ConnectionStatus);
    else this.reloads.push((value as { readonly reason: string }).reason);
    this.#conditions.check();
  }
}
