import { readClaim } from '../../protocol/claim.ts';
import type { OidcSettings } from '../../protocol/page-settings.ts';

/** Who the page is. */
export interface Identity {
  /** As the tasks name their creator. */
  readonly user: string;
  /** For people; the user when it is absent. */
  readonly name?: string;
  readonly workspace: string;
  readonly admin: boolean;
}

const defaultIdentity: Identity = { user: 'alice', workspace: 'default', admin: false };

/**
 * Reads the identity from the page's query string, so that each tab may be another user and a reload or a copied
 * address keeps who it is.
 */
export function identityOf(query: string): Identity {
  const parameters = new URLSearchParams(query);
  return {
    user: parameters.get('user') || defaultIdentity.user,
    workspace: parameters.get('workspace') || defaultIdentity.workspace,
    admin: parameters.get('admin') === 'true',
  };
}

/** Gives the page's address, relative, for an identity; what is as by default is left out. */
export function addressOf({ user, workspace, admin }: Identity): string {
  const parameters = new URLSearchParams();
  if (user !== defaultIdentity.user) parameters.set('user', user);
  if (workspace !== defaultIdentity.workspace) parameters.set('workspace', workspace);
  if (admin) parameters.set('admin', 'true');
  return parameters.size === 0 ? '/' : `/?${parameters.toString()}`;
}

/** Reads who has signed in from the claims of the ID token, by the rules of the functions that verify it. */
export function signedInIdentity(
  claims: Readonly<Record<string, unknown>>,
  { workspaceClaim, adminClaim, adminValue }: OidcSettings,
): Identity {
  const { sub } = claims;
  const [workspace, roles] = [readClaim(claims, workspaceClaim), readClaim(claims, adminClaim)];
  const name = [claims['name'], claims['email']].find(
    (claim): claim is string => typeof claim === 'string' && claim !== '',
  );
  return {
    user: String(sub),
    workspace: typeof workspace === 'string' ? workspace : defaultIdentity.workspace,
    admin: Array.isArray(roles) ? roles.includes(adminValue) : String(roles) === adminValue,
    ...(name !== undefined && { name }),
  };
}
