import type { PageClient, PageSettings } from '../../protocol/page-settings.ts';
import type { StageConfig } from '../config/stage-schema.ts';

/**
 * How the page at `/` gets its tokens.
 * - `oidc`: its user signs in with the issuer.
 * - `switch`: it asks the development issuer for whomever its address names.
 * - `none`: not at all, for the issuer knows no client for it.
 */
export type PageSignIn =
  { readonly kind: 'oidc'; readonly client: PageClient } | { readonly kind: 'switch' | 'none' };

/** Gives what the page reads from `/config.json`. */
export function pageSettings(signIn: PageSignIn, config: StageConfig): PageSettings {
  if (signIn.kind !== 'oidc') return { signIn: signIn.kind };
  const { workspaceClaim, adminClaim, adminValue } = config;
  return { signIn: 'oidc', ...signIn.client, workspaceClaim, adminClaim, adminValue };
}

/** Gives the addresses, besides its own origin, that the page's scripts ask. To the others it only leads the user. */
export function askedEndpoints(signIn: PageSignIn): readonly string[] {
  if (signIn.kind !== 'oidc') return [];
  const { tokenEndpoint, revocationEndpoint } = signIn.client;
  return revocationEndpoint === undefined ? [tokenEndpoint] : [tokenEndpoint, revocationEndpoint];
}
