export type { PageClient } from '../../protocol/page-settings.ts';
export type { PendingSignIn, SignedIn } from './oidc-client.ts';
export { OidcClient } from './oidc-client.ts';
export type { SignedInUser, SignInOptions } from './sign-in.ts';
export { SignIn } from './sign-in.ts';
