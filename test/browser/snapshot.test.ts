import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { TestStack } from '../end-to-end/stack.ts';
import { complaintsOf, launchBrowser } from './browser.ts';
import { StreamFrames } from './stream-frames.ts';

const blankPage = { contentType: 'text/html', body: '<!doctype html><title>Snapshot</title>' };

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  const pageDirectory = fileURLToPath(new URL('../../dashboard', import.meta.url));
  [stack, browser] = await Promise.all([TestStack.start({ pageDirectory }), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await stack.close();
});

/** The example of the protocol's section on snapshots. */
async function exampleCode(): Promise<string> {
  const protocol = await readFile(new URL('../../docs/PROTOCOL.md', import.meta.url), 'utf8');
  const [, section = ''] = protocol.split('### Snapshot and delta\n');
  return /```javascript\n(.*?)```/s.exec(section)?.[1] ?? '';
}

/** Creates tasks, and gives their ids. */
async function create(who: { sub: string; workspace: string }, names: readonly string[]): Promise<number[]> {
  const ids: number[] = [];
  for (const name of names) {
    ids.push((await stack.request(who, 'POST', '/tasks', { name })).body.task.id as number);
  }
  return ids;
}

/** What others do to the tasks while a page loads them. */
async function change(who: { sub: string; workspace: string }, [kept, deleted]: number[]): Promise<void> {
  await stack.request(who, 'PATCH', `/tasks/${kept}`, { name: 'renamed' });
  await stack.request(who, 'DELETE', `/tasks/${deleted}`);
  await create(who, ['created']);
}

describe("the protocol's example of a snapshot and its delta", () => {
  it('ends with the tasks that there are, though they change between the list and the stream', async () => {
    const who = { sub: 'alice', workspace: 'example' };
    const ids = await create(who, ['kept', 'deleted']);
    await stack.local.pump.drained();
    const page = await browser.newPage();
    await page.route('**/blank', (route) => route.fulfill(blankPage));
    // What a slow network does: between the list and the stream there is time for changes to be logged.
    await page.route('**/sse/connect?*', async (route) => {
      await change(who, ids);
      await stack.local.pump.drained();
      await route.continue();
    });
    await page.goto(`${stack.local.url}/blank`);
    const token = await stack.local.issuer.sign(who);
    await page.addScriptTag({ content: `${await exampleCode()}\nfollow('${token}');` });
    await page.waitForFunction("[...tasks.values()].some(({ name }) => name === 'created')");

    const { body } = await stack.request(who, 'GET', '/tasks');
    expect(await page.evaluate('[...tasks.values()].toSorted((a, b) => a.id - b.id)')).toEqual(body.tasks);
    expect(body.tasks.map(({ name }: { name: string }) => name)).toEqual(['renamed', 'created']);
    await page.close();
  });
});

describe('the board', () => {
  let page: Page;
  let complaints: string[];
  beforeEach(async () => {
    page = await browser.newPage();
    complaints = complaintsOf(page);
  });
  afterEach(() => page.close());

  /** Opens the board of a workspace, and expects that it shows the tasks that there are in the end. */
  async function expectWhatIsThere(workspace: string): Promise<void> {
    await page.goto(`${stack.local.url}/?workspace=${workspace}`);
    await page.locator('#board[aria-busy="false"]').waitFor();
    expect(await page.locator('.card .name').allTextContents()).toEqual(['created', 'renamed']);
    expect(complaints).toEqual([]);
  }

  it('ends with the tasks that there are, though they change while it loads', async () => {
    const who = { sub: 'alice', workspace: 'slow-load' };
    const ids = await create(who, ['kept', 'deleted']);
    const frames = await StreamFrames.of(page);
    // The list is of before the changes, and arrives after the stream has told them.
    await page.route(
      '**/tasks?*',
      async (route) => {
        const answer = await route.fetch();
        // The board asks for both at once: a stream that began after the changes would not tell them.
        await frames.has('connection.established');
        await change(who, ids);
        await frames.has('task.created');
        await route.fulfill({ response: answer });
      },
      { times: 1 },
    );
    await expectWhatIsThere(who.workspace);
  });

  it('ends with the tasks that there are, though they change before its stream begins', async () => {
    const who = { sub: 'alice', workspace: 'slow-stream' };
    const ids = await create(who, ['kept', 'deleted']);
    const listed = Promise.withResolvers<void>();
    // The list is of before the changes, and the stream of after them: neither tells them.
    await page.route(
      '**/tasks?*',
      async (route) => {
        await route.fulfill({ response: await route.fetch() });
        listed.resolve();
      },
      { times: 1 },
    );
    await page.route('**/sse/connect*', async (route) => {
      await listed.promise;
      await change(who, ids);
      await stack.local.pump.drained();
      await route.continue();
    });
    await expectWhatIsThere(who.workspace);
  });
});
