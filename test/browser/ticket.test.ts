import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { TestStack } from '../end-to-end/stack.ts';
import { rememberTicket } from '../secrets/log-watch.ts';
import { launchBrowser } from './browser.ts';

const blankPage = { contentType: 'text/html', body: '<!doctype html><title>Ticket</title>' };

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([
    // Sessions end while the test looks, and the browser comes back.
    TestStack.start({ environment: { SESSION_SECONDS: '2', RETRY_MIN_MS: '10', RETRY_MAX_MS: '20' } }),
    launchBrowser(),
  ]);
});
afterAll(async () => {
  await browser.close();
  await stack.close();
});

/** The example of the protocol's section on tickets. */
async function exampleCode(): Promise<string> {
  const protocol = await readFile(new URL('../../docs/PROTOCOL.md', import.meta.url), 'utf8');
  const [, section = ''] = protocol.split('### Tickets\n');
  return /```javascript\n(.*?)```/s.exec(section)?.[1] ?? '';
}

describe("the protocol's example of a stream that a ticket opens", () => {
  it('is opened again and again by the browser itself, with no token in any URL', async () => {
    const who = { sub: 'alice', workspace: 'example' };
    const token = await stack.local.issuer.sign(who);
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('response', async (response) => {
      if (!response.url().endsWith('/sse/ticket')) return;
      rememberTicket(((await response.json()) as { ticket: string }).ticket);
    });
    await page.route('**/blank', (route) => route.fulfill(blankPage));
    const names: string[] = [];
    let heard = Promise.withResolvers<void>();
    await page.exposeFunction('report', (data: string) => {
      const { type, task } = JSON.parse(data) as { type: string; task?: { name: string } };
      if (type === 'task.created') names.push(task!.name);
      heard.resolve();
    });
    await page.goto(`${stack.local.url}/blank`);
    await page.addScriptTag({ content: await exampleCode() });
    await page.evaluate(`openStream(${JSON.stringify(token)}).then((source) => {
      source.onmessage = ({ data }) => report(data);
    })`);
    await heard.promise;
    const streams = (): string[] => asked.filter((url) => url.includes('/sse/connect'));
    for (let count = 1; count <= 3; count += 1) {
      await stack.request(who, 'POST', '/tasks', { name: `task ${count}` });
      while (names.length < count || streams().length <= count) {
        heard = Promise.withResolvers();
        await heard.promise;
      }
    }
    expect(names).toEqual(['task 1', 'task 2', 'task 3']);
    expect(new Set(streams()).size).toBe(1);
    expect(asked.filter((url) => url.includes('/sse/ticket'))).toHaveLength(1);
    for (const part of token.split('.')) expect(asked.join()).not.toContain(part);
    await page.close();
  });
});
