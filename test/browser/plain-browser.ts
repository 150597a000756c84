import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { chromium } from 'playwright-core';
import { chromiumAdvice, chromiumPath } from '../chromium.ts';
import { flags } from './browser.ts';

/** A browser as its user has it: a page behind another one is hidden, and the whole can die. */
export interface PlainBrowser {
  /** The one window, with its tabs. */
  readonly tabs: BrowserContext;
  /** Kills it: no page of it says a word. */
  kill(): Promise<void>;
}

/**
 * Starts the machine's Chromium and joins it afterwards: to pages of one that it starts itself, Playwright pretends that they
 * are always in front.
 * @param moreFlags for this one.
 * @throws {Error} when there is none.
 */
export async function startPlainBrowser(moreFlags: readonly string[] = []): Promise<PlainBrowser> {
  const executable = chromiumPath(existsSync);
  if (executable === undefined) throw new Error(chromiumAdvice);
  const profile = mkdtempSync(path.join(tmpdir(), 'taskwire-browser-'));
  const own = ['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'];
  const child = spawn(executable, [...flags, ...moreFlags, ...own], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own, which ends as a whole.
    detached: true,
  });
  const gone = once(child, 'exit');
  let browser: Browser | undefined;
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL');
    await gone;
    child.stderr.destroy();
    await browser?.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    browser = await chromium.connectOverCDP(await addressIn(child.stderr), { noDefaults: true });
    const [tabs] = browser.contexts();
    return { tabs: tabs!, kill };
  } catch (error) {
    await kill();
    throw error;
  }
}

/** Where the browser can be joined, as it says when it has started. */
function addressIn(output: NodeJS.ReadableStream): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  output.setEncoding('utf8');
  output.on('data', (part: string) => {
    text += part;
    const [, address] = /DevTools listening on (ws:\S+)/.exec(text) ?? [];
    if (address !== undefined) resolve(address);
  });
  output.once('end', () => reject(new Error(`the browser does not start: ${text}`)));
  return promise;
}
