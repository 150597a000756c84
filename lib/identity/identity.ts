import { Construct } from 'constructs';
import type { tokenEnvironment } from '../../lambdas/shared/auth/environment.ts';
import type { EnvironmentValues } from '../../lambdas/shared/runtime/environment.ts';
import type { OtherVariables } from '../functions/function-environment.ts';
import type { LocalAddress } from './local-address.ts';
import { ManagedIdentity } from './managed-identity.ts';
import type { PageClient } from '../../protocol/page-settings.ts';
import type { PageSignIn } from './page-sign-in.ts';
import type { OidcPageConfig } from '../config/identity-schema.ts';
import type { StageConfig } from '../config/stage-schema.ts';
import { tokenHeader } from '../edge/viewer-request.ts';

const localAudience = 'taskwire-local';

interface Issuer {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri: string;
}

/** Where the development issuer answers, after its own address. */
const localClient = (issuer: string): PageClient => ({
  issuer,
  clientId: localAudience,
  scope: 'openid profile email offline_access',
  authorizationEndpoint: `${issuer}/authorize`,
  tokenEndpoint: `${issuer}/oauth2/token`,
  revocationEndpoint: `${issuer}/oauth2/revoke`,
  endSession: { endpoint: `${issuer}/sign-out`, returnParameter: 'post_logout_redirect_uri' },
});

/** Whose tokens the functions accept, and which claims say what the caller may do. */
export class Identity extends Construct {
  /** What every function that verifies tokens reads from its environment, besides settings of the stage. */
  readonly environment: EnvironmentValues<OtherVariables<typeof tokenEnvironment>>;
  readonly #config: StageConfig;
  readonly #localAddress: LocalAddress | undefined;
  /** Undefined unless the identity is of the kind `cognito`. */
  #managed: ManagedIdentity | undefined;

  /** `localAddress` is that of the development issuer; an identity of kind `local` throws without it. */
  constructor(scope: Construct, id: string, config: StageConfig, localAddress: LocalAddress | undefined) {
    super(scope, id);
    this.#config = config;
    this.#localAddress = localAddress;
    const { issuer, audience, jwksUri } = this.#issuer();
    this.environment = {
      TOKEN_HEADER: tokenHeader(config),
      JWT_ISSUER: issuer,
      JWT_AUDIENCE: audience,
      JWT_JWKS_URI: jwksUri,
      DEFAULT_WORKSPACE: config.tokensWithoutWorkspace === 'default' ? 'default' : undefined,
    };
  }

  /** The user pool that the stack makes; undefined where another issuer is trusted. */
  get userPoolArn(): string | undefined {
    return this.#managed?.userPoolArn;
  }

  /**
   * Lets the users of the page sign in, and says how.
   * @param pageUrl to which a user pool sends them back; it must exist before the pool's client.
   */
  admitPage(pageUrl: string): PageSignIn {
    const { identity } = this.#config;
    if (this.#managed !== undefined) return { kind: 'oidc', client: this.#managed.admitPage(pageUrl) };
    if (identity.kind === 'oidc') return pageSignInOf(identity);
    if (identity.kind === 'local' && identity.signIn === 'oidc' && this.#localAddress !== undefined)
      return { kind: 'oidc', client: localClient(this.#localAddress.issuer) };
    return { kind: 'switch' };
  }

  #issuer(): Issuer {
    const { identity } = this.#config;
    if (identity.kind === 'oidc') return identity;
    if (identity.kind === 'cognito') {
      this.#managed = new ManagedIdentity(this, 'Managed', this.#config);
      return withStandardKeys(this.#managed);
    }
    if (this.#localAddress === undefined) throw new TypeError('an identity of kind local needs its address');
    return withStandardKeys({ issuer: this.#localAddress.issuer, audience: localAudience });
  }
}

/** Cognito and the development issuer both publish their keys under the issuer's own path. */
function withStandardKeys({ issuer, audience }: Omit<Issuer, 'jwksUri'>): Issuer {
  return { issuer, audience, jwksUri: `${issuer}/.well-known/jwks.json` };
}

function pageSignInOf(identity: OidcPageConfig & { readonly issuer: string }): PageSignIn {
  const { issuer, clientId, authorizationEndpoint, tokenEndpoint, revocationEndpoint, endSessionEndpoint } =
    identity;
  if (clientId === undefined || authorizationEndpoint === undefined || tokenEndpoint === undefined)
    return { kind: 'none' };
  return {
    kind: 'oidc',
    client: {
      issuer,
      clientId,
      scope: identity.scope ?? 'openid profile email',
      authorizationEndpoint,
      tokenEndpoint,
      ...(revocationEndpoint !== undefined && { revocationEndpoint }),
      ...(endSessionEndpoint !== undefined && {
        endSession: { endpoint: endSessionEndpoint, returnParameter: 'post_logout_redirect_uri' },
      }),
    },
  };
}
