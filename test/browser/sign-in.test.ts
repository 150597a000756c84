import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { synthesizeLocalStage } from '../../local/template/synthesize.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { BoardPage } from './board-page.ts';
import { complaintsOf, launchBrowser } from './browser.ts';
import { StreamFrames } from './stream-frames.ts';

let assembly: string;
let stack: TestStack;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: readonly string[];

beforeAll(async () => {
  assembly = await mkdtemp(join(tmpdir(), 'taskwire-sign-in-'));
  await synthesizeLocalStage(assembly, { edge: 'on', signIn: 'oidc' });
  [stack, browser] = await Promise.all([TestStack.start({ assembly }), launchBrowser()]);
});
beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  complaints = complaintsOf(page);
});
afterEach(async () => {
  await context.close();
});
afterAll(async () => {
  await browser.close();
  await stack.close();
  await rm(assembly, { recursive: true, force: true });
});

/** The board under the name that makes the issuer another origin, as it is in a deployment. */
function boardUrl(): string {
  return `http://127.0.0.1:${stack.local.port}`;
}

async function isLive(): Promise<void> {
  await new BoardPage(page).isReady();
}

interface Person {
  readonly user: string;
  readonly workspace: string;
  readonly admin?: boolean;
  readonly seconds?: number;
}

/** Presses the button of the page and fills in the issuer's form. */
async function signInAs(person: Person): Promise<void> {
  await page.getByRole('button', { name: 'Sign in' }).click();
  await fillIn(person);
  await page.locator('#signed-in').waitFor();
}

/** Fills in the issuer's form. */
async function fillIn({ user, workspace, admin = false, seconds = 3600 }: Person): Promise<void> {
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByLabel('User').fill(user);
  await page.getByLabel('Workspace').fill(workspace);
  await page.getByLabel('Admin').setChecked(admin);
  await page.getByLabel('Seconds').fill(String(seconds));
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Lets the issuer refuse to renew tokens from now on. */
async function refuseRenewals(): Promise<void> {
  await page.route('**/oauth2/token', (route) =>
    route.request().postData()?.includes('grant_type=refresh_token') === true
      ? route.fulfill({
          status: 400,
          contentType: 'application/json',
          headers: { 'access-control-allow-origin': boardUrl() },
          body: '{"error":"invalid_grant","error_description":"the session is over"}',
        })
      : route.continue(),
  );
}

/** What the tab keeps, as JSON. */
function stored(): Promise<string> {
  return page.evaluate(() => JSON.stringify(sessionStorage));
}

describe('the deployed page', () => {
  it('signs in, shows events as they come, goes on with a renewed token, and signs out', async () => {
    const frames = await StreamFrames.of(page);
    await page.goto(boardUrl());
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.getByRole('button').allTextContents()).toEqual(['Sign in']);

    await signInAs({ user: 'alice', workspace: 'signed', seconds: 15 });
    await isLive();
    expect(page.url()).toBe(`${boardUrl()}/`);
    expect(await page.locator('#signed-in').textContent()).toMatch(/alice\s+in\s+signed/);
    const first = await stored();

    await stack.request({ sub: 'bob', workspace: 'signed' }, 'POST', '/tasks', { name: 'Before' });
    await page.getByText('Before', { exact: true }).waitFor();

    // The stream goes over to the next token before the first one ends.
    await frames.has('resume');
    expect(frames.types.slice(0, 5)).toEqual([
      'connection.established',
      'task.created',
      'handover',
      'connection.established',
      'resume',
    ]);
    expect(frames.of('handover')[0]?.data).toContain('token_expired');
    expect(frames.of('resume')[0]?.data).toBe('{"complete":true}');
    expect(await stored()).not.toBe(first);
    await stack.request({ sub: 'bob', workspace: 'signed' }, 'POST', '/tasks', { name: 'After' });
    await page.getByText('After', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${boardUrl()}/`);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.content()).not.toContain('Before');
    expect(await stored()).toBe('{}');
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('leads who was put out by an admin to the sign-in again', async () => {
    const workspace = 'put-out';
    await page.goto(boardUrl());
    await signInAs({ user: 'alice', workspace });
    await isLive();
    const admin = { sub: 'root', workspace, admin: true };
    const { body } = await stack.request(admin, 'POST', '/sse/revocations', { userId: 'alice' });
    expect(body).toMatchObject({ userId: 'alice', connectionsEnded: 1 });
    await page.locator('#connection[data-state="denied"]').waitFor();
    expect(await page.getByRole('button', { name: 'Connect again' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it('stays signed in over a reload, and knows an admin', async () => {
    await page.goto(boardUrl());
    await signInAs({ user: 'root', workspace: 'reloads', admin: true });
    await isLive();
    await page.reload();
    await isLive();
    expect(await page.locator('#signed-in').textContent()).toMatch(/root\s+in\s+reloads \(admin\)/);
    await new BoardPage(page).addTask('Mine');
    expect(complaints).toEqual([]);
  });

  it.each([
    ['two hours ahead', 2 * 3600_000],
    ['two hours behind', -2 * 3600_000],
  ])('signs in and renews its token by a clock that is %s', async (_, skew) => {
    await page.clock.install({ time: Date.now() + skew });
    await page.goto(boardUrl());
    await signInAs({ user: 'alice', workspace: `clock${skew}`, seconds: 300 });
    await isLive();
    const first = await stored();
    const renewed = page.waitForResponse(
      (answer) => answer.url().includes('/oauth2/token') && answer.status() === 200,
    );
    // Of the token's five minutes four and a half have passed for the page.
    await page.clock.fastForward(270_000);
    await new BoardPage(page).addTask('On time');
    await renewed;
    expect(await stored()).not.toBe(first);
    expect(complaints).toEqual([]);
  });

  it('goes on in a copy of its tab, whose refresh token the other has used up', async () => {
    const person = { user: 'alice', workspace: 'copied', seconds: 15 };
    await page.goto(boardUrl());
    await signInAs(person);
    await isLive();
    // As an issuer that still knows the user: it sends them back without asking.
    await context.route('**/issuer/authorize?*', async (route) => {
      const body = new URLSearchParams({ ...person, seconds: '3600' });
      const answer = await fetch(route.request().url(), { method: 'POST', redirect: 'manual', body });
      await route.fulfill({ status: 303, headers: { location: answer.headers.get('location')! } });
    });
    const [copy] = await Promise.all([
      context.waitForEvent('page'),
      // A page that another one has opened begins with a copy of its sessionStorage, as the copy of a tab does.
      page.evaluate(() => void window.open('/')),
    ]);
    const keptBy = (tab: Page): Promise<string> => tab.evaluate(() => JSON.stringify(sessionStorage));
    expect(await keptBy(copy)).toBe(await stored());
    const refused = context.waitForEvent('response', (response) => response.status() === 400);
    const returned = context.waitForEvent('request', (request) =>
      request.url().includes('/issuer/authorize?'),
    );
    await Promise.all([refused, returned]);

    for (const tab of [page, copy]) {
      await tab.locator('#signed-in').waitFor();
      await tab.locator('#connection[data-state="live"]').waitFor();
    }
    await stack.request({ sub: 'bob', workspace: 'copied' }, 'POST', '/tasks', { name: 'Both' });
    for (const tab of [page, copy]) await tab.getByText('Both', { exact: true }).waitFor();
    expect(await keptBy(copy)).not.toBe(await stored());
  });

  it('leads to the issuer when it renews no more, and asks for another sign-in when that does not help', async () => {
    await page.goto(boardUrl());
    await signInAs({ user: 'alice', workspace: 'ends', seconds: 4 });
    await isLive();
    await refuseRenewals();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await fillIn({ user: 'alice', workspace: 'ends', seconds: 4 });
    await page.getByText('Your sign-in has ended. The issuer refuses: the session is over').waitFor();
    expect(await stored()).toBe('{}');
    await page.unroute('**/oauth2/token');
    await signInAs({ user: 'alice', workspace: 'ends' });
    await isLive();
  });

  it('uses no answer that it has not asked for', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${boardUrl()}/?code=stolen&state=foreign`);
    await page.getByText('This sign-in was not begun in this tab').waitFor();
    expect(page.url()).toBe(`${boardUrl()}/`);
    expect(asked).not.toContain('/issuer/oauth2/token');

    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(`${boardUrl()}/?code=stolen&state=foreign`);
    await page.getByText('The sign-in does not fit').waitFor();
    expect(asked).not.toContain('/issuer/oauth2/token');
  });

  it('may ask its own origin and the token endpoints, and nothing else of the issuer', async () => {
    const response = await page.goto(boardUrl());
    const policy = response?.headers()['content-security-policy'] ?? '';
    const issuer = `http://localhost:${stack.local.port}/issuer`;

    expect(policy.split('; ')).toEqual(
      expect.arrayContaining([
        `connect-src 'self' ${issuer}/oauth2/token ${issuer}/oauth2/revoke`,
        "form-action 'none'",
      ]),
    );
    const outcome = await page.evaluate(
      (address) => fetch(address, { mode: 'no-cors' }).then(String, (error: Error) => error.message),
      `${issuer}/.well-known/jwks.json`,
    );
    expect(outcome).toBe('Failed to fetch');
    const config = await stack.send('GET', '/config.json');
    expect(config.headers.get('cache-control')).toBe('no-store');
  });
});
