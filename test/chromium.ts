import { delimiter, join } from 'node:path';

/** The names under which distributions install it. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** What to do where there is none. */
export const chromiumAdvice = 'install Chromium, or set CHROMIUM to its path';

/**
 * Gives the path of the browser for the tests in `test/browser`: that in the environment variable CHROMIUM, else
 * the first on PATH, else undefined. Takes what tells whether a file exists.
 */
export function chromiumPath(exists: (path: string) => boolean): string | undefined {
  const chosen = process.env['CHROMIUM'];
  if (chosen !== undefined && chosen !== '') return exists(chosen) ? chosen : undefined;
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return directories.flatMap((directory) => names.map((name) => join(directory, name))).find(exists);
}
