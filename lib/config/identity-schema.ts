import * as z from 'zod';
import { endpointUrl, httpsUrl, matching, oneOf, text } from './rules.ts';

/** Source: "CreateUserPoolDomain", Cognito API reference; "Using the Amazon Cognito prefix domain", developer guide. */
const loginPrefix = matching(
  /^(?!.*(aws|amazon|cognito))[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  'lower-case letters, digits and hyphens between them, 63 at most, without aws, amazon or cognito in it',
);

const scopes = matching(
  /^([!#-[\]-~]+ )*openid( [!#-[\]-~]+)*$/,
  'scopes with spaces between, openid among them',
);

/** How users of the page sign in with an issuer that exists already; without `clientId` they cannot. */
const oidcPage = z.strictObject({
  /** A public client with the authorization code flow and PKCE; also the `audience`, for its ID tokens carry that. */
  clientId: text.optional(),
  authorizationEndpoint: httpsUrl.optional(),
  tokenEndpoint: endpointUrl.optional(),
  /** Takes the refresh token back at the sign-out (RFC 7009). */
  revocationEndpoint: endpointUrl.optional(),
  /** Ends the issuer's own session at the sign-out (OpenID Connect RP-Initiated Logout 1.0). */
  endSessionEndpoint: httpsUrl.optional(),
  /** Scopes, with spaces between them; `openid profile email` when it is left out. */
  scope: scopes.optional(),
});

const cognito = z.strictObject({ kind: z.literal('cognito'), loginPrefix: loginPrefix.optional() });

const oidc = z.strictObject({
  kind: z.literal('oidc'),
  issuer: httpsUrl,
  audience: text,
  jwksUri: httpsUrl,
  ...oidcPage.shape,
});

const local = z.strictObject({
  kind: z.literal('local'),
  /** `oidc`: the page signs in as with any issuer; `switch`, as when it is left out: it is whomever it says. */
  signIn: oneOf('switch', 'oidc').optional(),
});

/** Settings of each kind of identity. */
export const identitySchemas = { cognito, oidc, local } as const;

/**
 * Who signs the tokens.
 * - `cognito`: the stack makes a user pool, with a client and an admin group. `loginPrefix` begins the address of its login
 *   pages, which no two pools of a region can share; `taskwire-<stage>-<account>` when it is left out.
 * - `oidc`: an issuer that exists already; the claims come from its tokens as they are.
 * - `local`: the development issuer of `npm start`, on the port that the parameter `LocalPort` names.
 */
export type IdentityConfig = z.infer<typeof cognito> | z.infer<typeof oidc> | z.infer<typeof local>;

export type OidcPageConfig = z.infer<typeof oidcPage>;
