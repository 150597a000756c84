import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { observeTogether } from '../../local/gateway/traffic-log.ts';
import { OperatorsPage } from '../../local/operations/operators-page.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { complaintsOf, launchBrowser } from './browser.ts';

let operators: OperatorsPage;
let stack: TestStack;
let browser: Browser;
let page: Page;
let complaints: readonly string[];
beforeAll(async () => {
  operators = new OperatorsPage();
  const pageDirectory = fileURLToPath(new URL('../../dashboard', import.meta.url));
  [stack, browser] = await Promise.all([
    TestStack.start({
      ...operators.seams,
      traffic: observeTogether([operators.traffic]),
      operators: operators.serve,
      pageDirectory,
    }),
    launchBrowser(),
  ]);
  operators.attach(stack.local);
  page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  complaints = complaintsOf(page);
  await page.goto(`${stack.local.url}/_ops`);
  await page.locator('#state[data-state="live"]').waitFor();
});
afterAll(async () => {
  operators.close();
  await browser.close();
  await stack.close();
});

const alice = { sub: 'alice', workspace: 'acme' };
const bob = { ...alice, sub: 'bob' };

it('shows a connection, the frames that it is sent, and that it has gone', async () => {
  const stream = await stack.connect(alice);
  const row = page.locator('#connections tbody tr');
  await row.filter({ hasText: /acme\s*alice\s*stream/ }).waitFor();
  const { body } = await stack.request(alice, 'POST', '/tasks', { name: '<b>seen</b>' });
  const frame = page.locator('#frames tbody tr').filter({ hasText: `"taskId":${body.task.id}` });
  await frame.locator('summary').click();
  expect(await frame.locator('pre').textContent()).toContain('"name":"<b>seen</b>"');
  stream.cut();
  await stack.request({ ...alice, admin: true }, 'POST', '/sse/revocations', { userId: 'alice' });
  await page.locator('#connections').filter({ hasText: 'None.' }).waitFor();
});

it('shows the log of a workspace that it offers', async () => {
  await page.locator('#log-form input').focus();
  await page.locator('#workspaces option[value="acme"]').waitFor({ state: 'attached' });
  await page.locator('#log-form input').fill('acme');
  await page.keyboard.press('Enter');
  const log = page.locator('#log');
  await log.filter({ hasText: 'the log is whole' }).waitFor();
  expect(await log.textContent()).toContain('workspace acme: log ');
});

it('switches a fault on and off by the keyboard, and says how often it has happened', async () => {
  const fault = page.getByRole('switch', { name: 'doubled batches' });
  await fault.focus();
  await page.keyboard.press('Space');
  await page.locator('[role=switch][aria-checked=true]').waitFor();
  expect((await stack.request(bob, 'POST', '/tasks', { name: 'doubled' })).status).toBe(201);
  await page
    .locator('#faults li')
    .filter({ hasText: /doubled batches.*\(\d+ times so far\)/s })
    .waitFor();
  await page.keyboard.press('Space');
  await page.locator('[role=switch][aria-checked=true]').waitFor({ state: 'detached' });
});

it('kills a function at the press of a button', async () => {
  const host = stack.local.hosts.get('tasks')!;
  const before = host.pids;
  const isCrash = (response: { url(): string }): boolean => response.url().endsWith('/_ops/crash');
  await Promise.all([
    page.waitForResponse(isCrash),
    page.getByRole('button', { name: 'Kill tasks' }).click(),
  ]);
  expect((await stack.request(bob, 'GET', '/tasks')).status).toBe(200);
  expect(host.pids).not.toEqual(before);
});

it('shows the alarms of the stage, and a chart for each graph of its dashboard', async () => {
  const rows = page.locator('#alarms tbody tr');
  await rows.first().waitFor();
  const { metrics } = stack.local;
  expect(await rows.count()).toBe(metrics.alarms().length);
  expect(await page.locator('#charts canvas').count()).toBe(metrics.graphs.length);
  // The number of requests so far, beside its chart.
  await page
    .locator('#charts figure')
    .filter({ hasText: 'Requests' })
    .filter({ hasText: /Count: [\d.,]+/ })
    .waitFor();
});

it('complains of nothing', () => {
  expect(complaints).toEqual([]);
});
