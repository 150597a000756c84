import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { TestStack } from '../end-to-end/stack.ts';
import { launchBrowser } from './browser.ts';

const alice = { sub: 'alice', workspace: 'example' };
const blankPage = { contentType: 'text/html', body: '<!doctype html><title>Example</title>' };

/** What the example calls; each reports its name and what it was given. */
const boardFunctions = ['addTaskToBoard', 'updateTaskInBoard', 'removeTaskFromBoard', 'moveTaskToColumn'];

let stack: TestStack;
let browser: Browser;
beforeAll(async () => {
  [stack, browser] = await Promise.all([TestStack.start(), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await stack.close();
});

async function exampleCode(token: string): Promise<string> {
  const document = await readFile(new URL('contract-example.md', import.meta.url), 'utf8');
  const code = /```javascript\n(.*?)```/s.exec(document)?.[1] ?? '';
  expect(code).toContain("'your-jwt-token'");
  return code.replace('your-jwt-token', token);
}

describe("the contract's JavaScript example in a browser", () => {
  it('receives all four event types', async () => {
    const page = await browser.newPage();
    const calls: unknown[][] = [];
    let onCall = (): void => {};
    for (const name of boardFunctions) {
      await page.exposeFunction(name, (...given: unknown[]) => {
        calls.push([name, ...given]);
        onCall();
      });
    }
    await page.route('**/example', (route) => route.fulfill(blankPage));
    await page.goto(`${stack.local.url}/example`);
    const established = page.waitForEvent('console', (message) =>
      message.text().includes('Received event: {type: connection.established'),
    );
    await page.addScriptTag({ content: await exampleCode(await stack.local.issuer.sign(alice)) });
    await established;

    const complete = new Promise<void>((resolve) => {
      onCall = () => {
        if (calls.length === 5) resolve();
      };
    });
    const { task } = (await stack.request(alice, 'POST', '/tasks', { name: 'New Task' })).body;
    const path = `/tasks/${task.id}`;
    const renamed = (await stack.request(alice, 'PATCH', path, { name: 'Updated Task' })).body.task;
    const moved = (await stack.request(alice, 'PATCH', path, { status: 'in_progress' })).body.task;
    await stack.request(alice, 'DELETE', path);
    await complete;

    expect(calls).toEqual([
      ['addTaskToBoard', task],
      ['updateTaskInBoard', renamed],
      ['moveTaskToColumn', task.id, 'in_progress'],
      ['updateTaskInBoard', moved],
      ['removeTaskFromBoard', task.id],
    ]);
  });
});
