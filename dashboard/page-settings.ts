/** How to sign in with an OpenID Connect issuer, and what its ID tokens say of their user. */
export interface OidcSettings {
  readonly signIn: 'oidc';
  readonly issuer: string;
  readonly clientId: string;
  readonly scope: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint?: string;
  readonly endSession?: { readonly endpoint: string; readonly returnParameter: string };
  /** Where the issuer sends users back; the page itself when it is absent. */
  readonly redirectUri?: string;
  readonly workspaceClaim: string;
  readonly adminClaim: string;
  readonly adminValue: string;
}

/** What differs between deployments of the page; the deploy writes it next to the page. */
export type PageSettings = OidcSettings | { readonly signIn: 'switch' | 'none' };

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
