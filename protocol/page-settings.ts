/** An OpenID Connect client for the page, as the issuer knows it: public, with the authorization code flow and PKCE. */
export interface PageClient {
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

/** How to sign in with an OpenID Connect issuer, and what its ID tokens say of their user. */
export interface OidcSettings extends PageClient {
  readonly signIn: 'oidc';
  readonly workspaceClaim: string;
  readonly adminClaim: string;
  readonly adminValue: string;
}

/** What the page reads from `/config.json`. Everybody may read it, so it holds no secret. */
export type PageSettings = OidcSettings | { readonly signIn: 'switch' | 'none' };
