import type { PageSettings } from '../../protocol/page-settings.ts';

/**
 * Reads the text of `/config.json`.
 * @throws {TypeError} when the page cannot work with it.
 */
export function parseSettings(text: string): PageSettings {
  const settings = JSON.parse(text) as Partial<PageSettings> | null;
  const { signIn } = settings ?? {};
  if (signIn !== undefined && ['switch', 'none', 'oidc'].includes(signIn)) return settings as PageSettings;
  throw new TypeError(`/config.json says nothing known in signIn: ${signIn}`);
}

/** @throws {Error} when the settings cannot be had or read; the message is for the user. */
export async function loadSettings(): Promise<PageSettings> {
  try {
    const response = await fetch('/config.json', { cache: 'no-store' });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return parseSettings(await response.text());
  } catch (error) {
    throw new Error(`The settings of this page cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
