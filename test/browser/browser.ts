import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { chromiumAdvice, chromiumPath } from '../chromium.ts';

/** Nothing that talks to anybody but the stack, and what a container needs. */
export const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts the machine's Chromium without a window, with a profile that is made for it and removed with it.
 * @param moreFlags for this one.
 * @throws {Error} when there is none.
 */
export async function launchBrowser(moreFlags: readonly string[] = []): Promise<Browser> {
  const executablePath = chromiumPath(existsSync);
  if (executablePath === undefined) throw new Error(chromiumAdvice);
  // On a machine that is busy it takes as long as it takes: the test has a limit of its own.
  return chromium.launch({ executablePath, headless: true, timeout: 0, args: [...flags, ...moreFlags] });
}

/** Collects what a page complains about: uncaught errors, and errors and warnings in its console. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  return complaints;
}
