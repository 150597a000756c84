/** A function's environment is incomplete or wrong; the message names the variable. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/** Reads variables of a function's environment; a missing or wrong one is named in the error. */
export class Environment {
  readonly #variables: Readonly<Record<string, string | undefined>>;

  constructor(variables: Readonly<Record<string, string | undefined>> = process.env) {
    this.#variables = variables;
  }

  /**
   * A variable that must be there.
   * @throws {EnvironmentError} when it is absent or empty.
   */
  text(name: string): string {
    const value = this.#variables[name];
    if (value === undefined || value === '') {
      throw new EnvironmentError(`environment variable ${name} is missing: the stack sets it, see lib/`);
    }
    return value;
  }

  /** A variable that may be left out. */
  optionalText(name: string): string | undefined {
    return this.#variables[name] || undefined;
  }

  /**
   * A variable that must be a whole number from `least` up.
   * @throws {EnvironmentError} when it is not.
   */
  integer(name: string, least: number): number {
    const text = this.text(name);
    const value = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < least) {
      throw new EnvironmentError(
        `environment variable ${name} is "${text}": it must be a whole number from ${least}`,
      );
    }
    return value;
  }
}

/** What a verifier of tokens needs to know; every function that takes requests has these. */
export interface TokenSettings {
  readonly issuer: string;
  /** The `aud` claim, or the app client id where the issuer is a Cognito user pool. */
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

/** Reads the token settings. */
export function tokenSettings(environment: Environment): TokenSettings {
  return {
    issuer: environment.text('JWT_ISSUER'),
    audience: environment.text('JWT_AUDIENCE'),
    jwksUri: environment.text('JWT_JWKS_URI'),
    workspaceClaim: environment.text('WORKSPACE_CLAIM'),
    adminClaim: environment.text('ADMIN_CLAIM'),
    adminValue: environment.text('ADMIN_VALUE'),
    defaultWorkspace: environment.optionalText('DEFAULT_WORKSPACE'),
    tokenLifeSeconds: environment.integer('TOKEN_LIFE_SECONDS', 1),
  };
}
