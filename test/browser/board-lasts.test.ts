import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { byColumn } from '../../dashboard/board/order.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { BoardPage } from './board-page.ts';
import { Boards, pageDirectory } from './boards.ts';

const columns = ['inbox', 'up_next', 'in_progress', 'in_review', 'done'];

const boards = new Boards();

/** What bob does in a workspace. */
class Bob {
  readonly #who: { readonly sub: string; readonly workspace: string };

  constructor(workspace: string) {
    this.#who = { sub: 'bob', workspace };
  }

  async create(count: number): Promise<void> {
    for (let index = 1; index <= count; index += 1)
      await boards.stack.request(this.#who, 'POST', '/tasks', { name: `Task ${index}`, priority: index });
  }

  /** Moves tasks about, so many at a time. */
  async move(moves: number, tasks: number, atATime: number): Promise<void> {
    let next = 0;
    const mover = async (): Promise<void> => {
      for (let index = next++; index < moves; index = next++) {
        const status = columns[(index * 7 + 1) % columns.length];
        const { status: answer } = await boards.stack.request(
          this.#who,
          'PATCH',
          `/tasks/${(index % tasks) + 1}`,
          {
            status,
          },
        );
        expect(answer).toBe(200);
      }
    };
    await Promise.all(Array.from({ length: atATime }, mover));
  }

  /** What every board of the workspace has to show. */
  async board(): Promise<Record<string, string[]>> {
    const { tasks } = (await boards.stack.request(this.#who, 'GET', '/tasks')).body;
    return Object.fromEntries(
      [...byColumn(tasks)].map(([column, its]) => [column, its.map(({ name }) => name)]),
    );
  }
}

describe('two browsers on one board', () => {
  it('show the same, and what the server has, after a hundred moves a second', async () => {
    const bob = new Bob('busy');
    await bob.create(12);
    const both = await Promise.all(
      ['alice', 'carol'].map((user) => boards.open(`?workspace=busy&user=${user}`)),
    );
    await bob.move(300, 12, 10);
    const expected = await bob.board();
    await Promise.all(both.map((board) => board.shows(expected)));
    expect(boards.complaints).toEqual([]);
  });

  it('show the same after the network of one was cut, and came back', async () => {
    const bob = new Bob('cut');
    await bob.create(5);
    const behind = await boards.open('?workspace=cut');
    const beside = await boards.open('?workspace=cut&user=carol');
    await behind.page.context().setOffline(true);
    await behind.page.locator('#connection[data-state="offline"]').waitFor();
    await bob.move(23, 5, 1);
    await beside.shows(await bob.board());
    await behind.page.context().setOffline(false);
    await behind.shows(await bob.board());
    await behind.isReady();
    expect(behind.complaints.filter((text) => !text.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
  });
});

describe('the tabs of a browser', () => {
  it('load the tasks once each, while their stream opens and where it is', async () => {
    const bob = new Bob('lists');
    await bob.create(3);
    // What comes into the log between the two is a reason to list again.
    await boards.stack.local.pump.drained();
    const context = await boards.browser.newContext();
    const lists: number[] = [];
    for (const index of [0, 1]) {
      const tab = new BoardPage(await context.newPage());
      lists[index] = 0;
      tab.page.on('request', (request) => {
        if (request.method() === 'GET' && new URL(request.url()).pathname === '/tasks') lists[index]! += 1;
      });
      await tab.goto(boards.stack.local.url, '?workspace=lists');
      await tab.hasTasks(3);
    }
    expect(lists).toEqual([1, 1]);
    await context.close();
  });

  it('are ten boards over one stream; when the tab that has it crashes, the others miss nothing', async () => {
    const bob = new Bob('tabs');
    await bob.create(5);
    const context = await boards.browser.newContext({ viewport: { width: 1500, height: 900 } });
    const tabs: BoardPage[] = [];
    for (let index = 0; index < 10; index += 1) {
      tabs.push(new BoardPage(await context.newPage()));
      await tabs[index]!.goto(boards.stack.local.url, '?workspace=tabs');
    }
    const admin = { sub: 'root', workspace: 'tabs', admin: true };
    const { connections } = (await boards.stack.request(admin, 'GET', '/sse/stats')).body;
    expect(connections).toHaveLength(1);

    const [leader, ...others] = tabs;
    const moving = bob.move(40, 5, 1);
    const session = await context.newCDPSession(leader!.page);
    const crashed = leader!.page.waitForEvent('crash');
    // It is answered by nobody.
    session.send('Page.crash').catch(() => undefined);
    await Promise.all([crashed, moving]);
    const expected = await bob.board();
    await Promise.all(others.map((board) => board.shows(expected)));
    for (const { complaints } of others) expect(complaints).toEqual([]);
    await context.close();
  });
});

describe('a server that is started again', () => {
  it('finds the board where it was, which goes on by itself', async () => {
    const dataDirectory = mkdtempSync(path.join(tmpdir(), 'taskwire-data-'));
    const options = { pageDirectory, dataDirectory, databaseEndpoint: undefined, prefix: 'again' };
    const before = await TestStack.start(options);
    const { port } = before.local;
    const who = { sub: 'bob', workspace: 'again' };
    await before.request(who, 'POST', '/tasks', { name: 'Before' });
    const board = await BoardPage.open(boards.browser, before.local.url, '?workspace=again');
    await board.card('Before', 'inbox').waitFor();
    await before.close();
    await board.page.locator('#connection:not([data-state="live"])').waitFor();
    await board.card('Before', 'inbox').waitFor();
    const after = await TestStack.start({ ...options, port });
    await after.request(who, 'POST', '/tasks', { name: 'After' });
    await board.card('After', 'inbox').waitFor();
    await board.card('Before', 'inbox').waitFor();
    await board.isReady();
    expect(await board.page.locator('.card').count()).toBe(2);
    await board.close();
    await after.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
});
