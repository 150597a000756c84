/** Who the page is: what it asks the issuer a token for. */
export interface Identity {
  readonly user: string;
  readonly workspace: string;
  readonly admin: boolean;
}

const DEFAULT_IDENTITY: Identity = { user: 'alice', workspace: 'default', admin: false };

/**
 * Reads the identity from the page's query string, so that each tab may be another user and a reload or a copied
 * address keeps who it is.
 */
export function identityOf(query: string): Identity {
  const parameters = new URLSearchParams(query);
  return {
    user: parameters.get('user') || DEFAULT_IDENTITY.user,
    workspace: parameters.get('workspace') || DEFAULT_IDENTITY.workspace,
    admin: parameters.get('admin') === 'true',
  };
}

/** Gives the page's address, relative, for an identity; what is as by default is left out. */
export function addressOf({ user, workspace, admin }: Identity): string {
  const parameters = new URLSearchParams();
  if (user !== DEFAULT_IDENTITY.user) parameters.set('user', user);
  if (workspace !== DEFAULT_IDENTITY.workspace) parameters.set('workspace', workspace);
  if (admin) parameters.set('admin', 'true');
  return parameters.size === 0 ? '/' : `/?${parameters.toString()}`;
}
