import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { complaintsOf, launchBrowser } from '../browser/browser.ts';
import { rememberToken } from '../secrets/log-watch.ts';
import { startIn } from './running.ts';
import type { Running } from './running.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'taskwire-examples-'));
const environment = { TASKWIRE_RUNNING: path.join(directory, 'running') };
const running: Running[] = [];

let stack: Running;
let url: string;
beforeAll(async () => {
  stack = await startStack(0);
});
afterAll(async () => {
  for (const example of running) await example.stop('SIGKILL');
  await stack?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function startStack(port: number): Promise<Running> {
  const flags = ['--port', String(port), '--data', path.join(directory, 'data')];
  const started = startIn('.', flags, environment);
  url = (await started.line(/^ready /)).split(' ')[1]!;
  return started;
}

function startExample(name: string, flags: readonly string[] = []): Running {
  const started = startIn(`examples/${name}`, flags, { TASKWIRE_URL: url, PORT: '0' });
  running.push(started);
  return started;
}

/** Another client of the same user makes a task. */
async function makeTask(name: string): Promise<void> {
  const issued = await fetch(`${url}/issuer/token`, { method: 'POST', body: '{"sub":"alice"}' });
  const { token } = (await issued.json()) as { readonly token: string };
  rememberToken(token);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const made = await fetch(`${url}/tasks`, { method: 'POST', headers, body: JSON.stringify({ name }) });
  expect(made.status).toBe(201);
}

describe('examples/node', () => {
  it('prints events, also those from after a restart of the server', async () => {
    const example = startExample('node');
    await example.line(/^live/);
    await makeTask('before the restart');
    expect(await example.line(/^task\./)).toContain('before the restart');

    await stack.stop();
    await example.line(/^recovering/);
    stack = await startStack(Number(new URL(url).port));
    await makeTask('after the restart');
    expect(await example.line(/^task\..*after the restart/)).toMatch(/^task\.created/);
    await example.stop();
  });
});

describe.each([
  ['html', []],
  ['vite-react', ['--port', '0']],
])('examples/%s', (name, flags) => {
  it('shows events in a page of another origin', async () => {
    const example = startExample(name, flags);
    const [page] = /http:\/\/\S+/.exec(await example.line(/http:\/\/localhost:\d+/))!;
    // The ports that its users have: what the page says and what the stack allows is what they get.
    const browser = await launchBrowser([
      `--host-resolver-rules=MAP localhost:5173 ${new URL(page).host}, MAP localhost:8788 ${new URL(url).host}`,
    ]);
    try {
      expect(await complaintsAbout(browser, name)).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

/** Opens the page, and resolves when it has shown an event; with what the browser says is wrong with it. */
async function complaintsAbout(browser: Browser, name: string): Promise<string[]> {
  const page = await browser.newPage();
  const complaints = complaintsOf(page);
  await page.goto('http://localhost:5173/');
  await page.locator('output', { hasText: /^live$/ }).waitFor();
  await makeTask(`for ${name}`);
  await page.getByText(`task.created: for ${name}`).waitFor();
  return complaints;
}
