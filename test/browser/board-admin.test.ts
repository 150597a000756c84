import type { BrowserContextOptions } from 'playwright-core';
import { Boards } from './boards.ts';

const boards = new Boards();

const surroundings: readonly (readonly [string, BrowserContextOptions])[] = [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['phone', { viewport: { width: 390, height: 800 } }],
];

it.each(surroundings)('an admin sees the open connections, and ends one (%s)', async (name, options) => {
  const workspace = `admin-${name}`;
  const root = await boards.open(`?workspace=${workspace}&user=root&admin=true`, options);
  const bob = await boards.open(`?workspace=${workspace}&user=bob`);
  const { page } = root;
  await page.getByRole('button', { name: 'Connections' }).click();
  const dialog = page.getByRole('dialog', { name: 'Open connections' });
  await dialog.getByText(`2 open in ${workspace}`).waitFor();
  const own = dialog.locator('[data-connection]').filter({ hasText: 'this page' });
  expect(await own.locator('strong').textContent()).toBe('root');
  expect(await root.violations()).toEqual([]);

  await dialog.getByRole('button', { name: /^End bob/ }).click();
  const question = page.getByRole('alertdialog', { name: 'End this connection?' });
  await question.getByText('token that opened it is revoked').waitFor();
  expect(await root.violations()).toEqual([]);
  await question.getByRole('button', { name: 'Cancel' }).click();
  await question.waitFor({ state: 'detached' });
  expect(await dialog.locator('[data-connection]').count()).toBe(2);

  await dialog.getByRole('button', { name: /^End bob/ }).click();
  await question.getByRole('button', { name: 'End connection' }).click();
  await bob.page.locator('#connection[data-state="denied"]').waitFor();
  await dialog.getByText(`1 open in ${workspace}`).waitFor();
  expect(root.complaints).toEqual([]);
});

it('says what went wrong, and shows the list when it is there again', async () => {
  const { page } = await boards.open('?workspace=admin-trouble&user=root&admin=true');
  await page.route('**/sse/stats', (route) =>
    route.fulfill({ status: 503, json: { error: 'The server is busy.', code: 'unavailable' } }),
  );
  await page.getByRole('button', { name: 'Connections' }).click();
  const dialog = page.getByRole('dialog', { name: 'Open connections' });
  await dialog.getByRole('alert').getByText('The server is busy.').waitFor();
  await page.unroute('**/sse/stats');
  await dialog.getByRole('button', { name: 'Refresh' }).click();
  await dialog.getByText('1 open in admin-trouble').waitFor();
  expect(await dialog.getByRole('alert').count()).toBe(0);
});

it('a connection that has gone meanwhile leaves the list, and the page says so', async () => {
  const { page } = await boards.open('?workspace=admin-gone&user=root&admin=true');
  const bob = await boards.open('?workspace=admin-gone&user=bob');
  await page.getByRole('button', { name: 'Connections' }).click();
  const dialog = page.getByRole('dialog', { name: 'Open connections' });
  await dialog.getByText('2 open in admin-gone').waitFor();
  const root = { sub: 'root', workspace: 'admin-gone', admin: true };
  expect((await boards.stack.request(root, 'POST', '/sse/revocations', { userId: 'bob' })).status).toBe(200);
  await bob.page.locator('#connection[data-state="denied"]').waitFor();
  await dialog.getByRole('button', { name: /^End bob/ }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'End connection' }).click();
  await dialog.getByRole('alert').waitFor();
  await dialog.getByText('1 open in admin-gone').waitFor();
});

it('others do not see that there is such a list', async () => {
  const { page } = await boards.open('?workspace=admin-none&user=bob');
  expect(await page.getByRole('button', { name: 'Frames', exact: true }).count()).toBe(1);
  expect(await page.getByRole('button', { name: 'Connections' }).count()).toBe(0);
});
