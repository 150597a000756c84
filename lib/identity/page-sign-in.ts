import type { StageConfig } from '../config/stage-schema.ts';

/** An OpenID Connect client for the page, as the issuer knows it: public, with the authorization code flow and PKCE. */
export interface OidcClient {
  /** Value of the claim `iss`. */
  readonly issuer: string;
  readonly clientId: string;
  /** Scopes, with spaces between them. */
  readonly scope: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint?: string;
  /** Where a sign-out ends the issuer's own session, and the name of the parameter that says where to go then. */
  readonly endSession?: { readonly endpoint: string; readonly returnParameter: string };
  /** Where the issuer sends users back; the page itself when it is left out. */
  readonly redirectUri?: string;
}

/**
 * How the page at `/` gets its tokens.
 * - `oidc`: its user signs in with the issuer.
 * - `switch`: it asks the development issuer for whomever its address names.
 * - `none`: not at all, for the issuer knows no client for it.
 */
export type PageSignIn =
  { readonly kind: 'oidc'; readonly client: OidcClient } | { readonly kind: 'switch' | 'none' };

/** Gives what the page reads from `/config.json`. Everybody may read it, so it holds no secret. */
export function pageSettings(signIn: PageSignIn, config: StageConfig): Readonly<Record<string, unknown>> {
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
