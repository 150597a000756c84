import type { IdentityConfig, OidcPageConfig } from './identity-schema.ts';

const pageOnly = [
  'authorizationEndpoint',
  'tokenEndpoint',
  'revocationEndpoint',
  'endSessionEndpoint',
  'scope',
] as const satisfies readonly (keyof OidcPageConfig)[];

/**
 * Gives what keeps the page from signing in with an issuer that exists already, as one line; undefined when nothing
 * does. The keys by themselves are known to be right.
 */
export function checkPageClient(identity: IdentityConfig): string | undefined {
  if (identity.kind !== 'oidc') return undefined;
  const { clientId, audience } = identity;
  if (clientId === undefined) {
    const needless = pageOnly.find((key) => identity[key] !== undefined);
    return needless && `identity.${needless} is for the page only; give identity.clientId or remove it`;
  }
  const missing = (['authorizationEndpoint', 'tokenEndpoint'] as const).find(
    (key) => identity[key] === undefined,
  );
  if (missing !== undefined)
    return `identity.${missing} is missing; give it with identity.clientId, as the issuer's discovery document has it`;
  if (clientId !== audience)
    return 'identity.audience must be the clientId, for the page presents ID tokens, whose aud is the client';
  return undefined;
}
