import type { TokenProvider } from '../../client/index.ts';
import { RequestRefused } from '../../client/index.ts';
import type { Identity } from './identity.ts';

/** Gets tokens for any identity from the issuer of the local stack, each as long as it is good. */
export function switchedTokens({ user, workspace, admin }: Identity): TokenProvider {
  let token: string | undefined;
  return async ({ refused }) => {
    if (token !== undefined && token !== refused) return token;
    const response = await fetch('/issuer/token', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sub: user, workspace, admin }),
    });
    const answer = (await response.json()) as { readonly token: string; readonly message?: string };
    const { status } = response;
    if (!response.ok)
      throw new RequestRefused({ status, code: 'no_token', message: answer.message ?? `HTTP ${status}` });
    token = answer.token;
    return token;
  };
}
