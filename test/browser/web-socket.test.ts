import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { TestStack } from '../end-to-end/stack.ts';
import { startWith } from '../end-to-end/synthesized-stack.ts';
import { complaintsOf, launchBrowser } from './browser.ts';

const pageDirectory = fileURLToPath(new URL('../../dashboard', import.meta.url));

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Opens a WebSocket in a page, with a token as the page has it, and gives what it selects and what answers a ping. */
const openInPage = `async (token) => {
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/ws', ['taskwire', 'bearer.' + token]);
  const heard = (name) => new Promise((resolve) => socket.addEventListener(name, resolve, { once: true }));
  const closed = heard('close').then(({ code }) => ({ code }));
  const first = await Promise.race([heard('open'), closed]);
  if (first.code !== undefined) return first;
  socket.send(JSON.stringify({ action: 'ping' }));
  const { data } = await heard('message');
  socket.close();
  return { protocol: socket.protocol, data: JSON.parse(data), ...(await closed) };
}`;

describe.each([
  ['without the edge', () => TestStack.start({ pageDirectory })],
  ['with the edge', () => startWith({ edge: 'on' })],
])("a WebSocket of the stack's own page, %s", (_, start) => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await start();
  });
  afterAll(() => stack.close());

  it('is let by its content security policy, with the token as a subprotocol', async () => {
    const page = await browser.newPage();
    await page.goto(stack.local.url);
    const complaints = complaintsOf(page);
    const token = await stack.local.issuer.sign({ sub: 'ana', workspace: 'pages' });
    const opened = await page.evaluate(`(${openInPage})(${JSON.stringify(token)})`);

    expect(opened).toEqual({
      protocol: 'taskwire',
      data: { event: 'ping', data: { timestamp: expect.any(String) } },
      code: 1005,
    });
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('sees of a refusal that it failed, and not why', async () => {
    const page = await browser.newPage();
    await page.goto(stack.local.url);

    expect(await page.evaluate(`(${openInPage})('bad')`)).toEqual({ code: 1006 });
    await page.close();
  });
});
