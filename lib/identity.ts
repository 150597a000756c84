import { Construct } from 'constructs';
import type { LocalAddress } from './local-address.ts';
import { ManagedIdentity } from './managed-identity.ts';
import type { StageConfig } from './stage-config.ts';
import { tokenHeader } from './viewer-request.ts';

interface Issuer {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri: string;
}

/** Whose tokens the functions accept, and which claims say what the caller may do. */
export class Identity extends Construct {
  /** What every function that verifies tokens reads from its environment. */
  readonly environment: Readonly<Record<string, string>>;

  /** `localAddress` is that of the development issuer; an identity of kind `local` throws without it. */
  constructor(scope: Construct, id: string, config: StageConfig, localAddress: LocalAddress | undefined) {
    super(scope, id);
    const { issuer, audience, jwksUri } = this.issuerOf(config, localAddress);
    this.environment = {
      TOKEN_HEADER: tokenHeader(config),
      JWT_ISSUER: issuer,
      JWT_AUDIENCE: audience,
      JWT_JWKS_URI: jwksUri,
      WORKSPACE_CLAIM: config.workspaceClaim,
      ADMIN_CLAIM: config.adminClaim,
      ADMIN_VALUE: config.adminValue,
    };
  }

  private issuerOf(config: StageConfig, localAddress: LocalAddress | undefined): Issuer {
    const { identity } = config;
    if (identity.kind === 'oidc') return identity;
    if (identity.kind === 'cognito') return withStandardKeys(new ManagedIdentity(this, 'Managed', config));
    if (localAddress === undefined) throw new TypeError('an identity of kind local needs its address');
    return withStandardKeys({ issuer: localAddress.issuer, audience: 'taskwire-local' });
  }
}

/** Cognito and the development issuer both publish their keys under the issuer's own path. */
function withStandardKeys({ issuer, audience }: Omit<Issuer, 'jwksUri'>): Issuer {
  return { issuer, audience, jwksUri: `${issuer}/.well-known/jwks.json` };
}
