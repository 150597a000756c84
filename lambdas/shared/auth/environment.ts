import type { EnvironmentValues } from '../runtime/environment.ts';
import { optionalText, text, wholeNumber } from '../runtime/environment.ts';

/** What every function reads that verifies tokens. */
export const tokenEnvironment = {
  /** Name in lower case of the only header that counts as the caller's `Authorization`. */
  TOKEN_HEADER: text,
  JWT_ISSUER: text,
  /** The `aud` claim, or the app client id where the issuer is a Cognito user pool. */
  JWT_AUDIENCE: text,
  JWT_JWKS_URI: text,
  WORKSPACE_CLAIM: text,
  ADMIN_CLAIM: text,
  ADMIN_VALUE: text,
  /** The longest life of a token that is accepted. */
  TOKEN_LIFE_SECONDS: wholeNumber(1),
  /** The workspace of tokens that name none; absent where they are refused. */
  DEFAULT_WORKSPACE: optionalText,
};

/** What a verifier of tokens needs to know. */
export interface TokenSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri: string;
  readonly workspaceClaim: string;
  readonly adminClaim: string;
  readonly adminValue: string;
  /** The workspace of tokens that name none; undefined where they are refused. */
  readonly defaultWorkspace: string | undefined;
  /** The longest life of a token that is accepted, seconds. */
  readonly tokenLifeSeconds: number;
}

/** The token settings of an environment. */
export function tokenSettings(values: EnvironmentValues<typeof tokenEnvironment>): TokenSettings {
  return {
    issuer: values.JWT_ISSUER,
    audience: values.JWT_AUDIENCE,
    jwksUri: values.JWT_JWKS_URI,
    workspaceClaim: values.WORKSPACE_CLAIM,
    adminClaim: values.ADMIN_CLAIM,
    adminValue: values.ADMIN_VALUE,
    defaultWorkspace: values.DEFAULT_WORKSPACE,
    tokenLifeSeconds: values.TOKEN_LIFE_SECONDS,
  };
}
