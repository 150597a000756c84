import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { LocalStackOptions } from '../../local/stack.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { BoardPage } from './board-page.ts';
import { launchBrowser } from './browser.ts';

/** The sources of the board. */
export const pageDirectory = fileURLToPath(new URL('../../dashboard', import.meta.url));

export interface BoardsOptions {
  /** Of the stack. */
  readonly stack?: Partial<LocalStackOptions>;
  /** Whether a test fails when a browser complains of something. */
  readonly isQuiet?: boolean;
}

/** A board that was opened with tasks in it. */
export interface FilledBoard {
  readonly board: BoardPage;
  readonly page: Page;
  /** The bodies of the changes of tasks that it has sent. */
  readonly sent: readonly (string | null)[];
}

/** A stack with the board and a browser, for the tests of a file or of a block; the boards of each test are closed after it. */
export class Boards {
  stack!: TestStack;
  browser!: Browser;
  readonly #open: BoardPage[] = [];

  /** To be called where `beforeAll` may be. */
  constructor({ stack = {}, isQuiet = false }: BoardsOptions = {}) {
    beforeAll(async () => {
      [this.stack, this.browser] = await Promise.all([
        TestStack.start({ pageDirectory, ...stack }),
        launchBrowser(),
      ]);
    });
    afterEach(async () => {
      const { complaints } = this;
      await Promise.all(this.#open.splice(0).map((board) => board.close()));
      // oxlint-disable-next-line jest/no-standalone-expect -- it is of each test of the file
      if (isQuiet) expect(complaints).toEqual([]);
    });
    afterAll(async () => {
      await this.browser.close();
      await this.stack.close();
    });
  }

  /** Opens the board in a browser of its own, so to speak, and waits until it is live and has loaded. */
  async open(query: string, options: BrowserContextOptions = {}): Promise<BoardPage> {
    const board = await BoardPage.open(this.browser, this.stack.local.url, query, options);
    this.keep(board);
    return board;
  }

  /** Opens the board of a workspace with these tasks in its inbox, the first at the top. */
  async openFilled(
    workspace: string,
    names: readonly string[],
    options: BrowserContextOptions = {},
  ): Promise<FilledBoard> {
    for (const name of names.toReversed())
      await this.stack.request({ sub: 'bob', workspace }, 'POST', '/tasks', { name, priority: 5 });
    const board = await this.open(`?workspace=${workspace}`, options);
    const sent: (string | null)[] = [];
    board.page.on('request', (request) => {
      if (request.method() === 'PATCH') sent.push(request.postData());
    });
    return { board, page: board.page, sent };
  }

  /** Closes this board, too, after the test. */
  keep(board: BoardPage): void {
    this.#open.push(board);
  }

  /** What the browsers of this test have complained of. */
  get complaints(): readonly string[] {
    return this.#open.flatMap(({ complaints }) => complaints);
  }
}
