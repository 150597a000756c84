import type { BrowserContext, Page } from 'playwright-core';
import type { TestStack } from '../end-to-end/stack.ts';
import { complaintsOf } from './browser.ts';
import { pageScript } from './page-script.ts';
import type { Observed, Props } from './react/page.ts';

/** React, the hooks, and the components of the test, which a page runs. */
const script = (): string =>
  pageScript('test/browser/react/page.ts', {
    // The development build: StrictMode mounts twice there, and React complains of mistakes.
    define: { 'process.env.NODE_ENV': '"development"' },
  });

/** A page that shows one component. */
export class ReactPage {
  readonly page: Page;
  readonly complaints: string[];
  /** The streams that it has asked for. */
  readonly streams: string[] = [];

  readonly #troubles: readonly string[];

  private constructor(page: Page, troubles: readonly string[]) {
    this.page = page;
    this.#troubles = troubles;
    this.complaints = complaintsOf(page);
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (pathname === '/sse/connect' && request.method() === 'GET') this.streams.push(pathname);
    });
  }

  /** Opens a page at an address, and loads the components there. */
  static async open(
    context: BrowserContext,
    url: string,
    tokenOf: (user: string) => Promise<string> = () => Promise.resolve('a token'),
    troubles: readonly string[] = [],
  ): Promise<ReactPage> {
    const opened = new ReactPage(await context.newPage(), troubles);
    await opened.page.exposeFunction('freshToken', tokenOf);
    await opened.page.goto(url);
    await opened.page.bringToFront();
    await opened.page.evaluate(script());
    return opened;
  }

  /** As `open`, of the stack, for users of a workspace. */
  static of(stack: TestStack, context: BrowserContext, workspace: string): Promise<ReactPage> {
    const tokenOf = (sub: string): Promise<string> => stack.local.issuer.sign({ sub, workspace });
    return ReactPage.open(context, stack.local.url, tokenOf, stack.troubles);
  }

  async show(component: 'Events' | 'Board' | 'Room', props: Props): Promise<void> {
    await this.page.evaluate(`show(${JSON.stringify(component)}, ${JSON.stringify(props)})`);
  }

  /** Resolves when an element has this text. @throws Error after 30 s with the text that it has, and what the stack says. */
  async has(element: string, text: string | RegExp): Promise<void> {
    try {
      await this.page.locator(element, { hasText: text }).waitFor();
    } catch (error) {
      const has = await this.page.locator(element).allTextContents();
      const said = this.#troubles.join('\n');
      throw new Error(`${element} has ${JSON.stringify(has)}, not ${text}\n${said}`, { cause: error });
    }
  }

  async observed(): Promise<Observed> {
    return this.page.evaluate('observed');
  }
}
