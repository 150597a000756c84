import type { Revocations } from '../../../core/connections/revocation.ts';
import { isRevoked } from '../../../core/connections/revocation.ts';
import type { RevocationStore } from '../dynamodb/revocation-store.ts';
import type { TokenVerifier, VerifiedToken } from './verifier.ts';
import { TokenRefused } from '../../../core/identity/token.ts';

/** Lets tokens through that are genuine and not revoked: the way into everything but the stream's first step. */
export class RevocableTokens implements TokenVerifier {
  readonly #verifier: TokenVerifier;
  readonly #revocations: Pick<RevocationStore, 'read'>;

  constructor(verifier: TokenVerifier, revocations: Pick<RevocationStore, 'read'>) {
    this.#verifier = verifier;
    this.#revocations = revocations;
  }

  /**
   * Verifies a token, then asks whether it is revoked.
   * @throws as the verifier; {TokenRefused} `token_revoked`; what the store throws.
   */
  async verify(token: string): Promise<VerifiedToken> {
    const verified = await this.#verifier.verify(token);
    refuseRevoked(verified, await this.#revocations.read(verified.principal));
    return verified;
  }
}

/** @throws {TokenRefused} when a token is revoked. */
export function refuseRevoked(token: VerifiedToken, revocations: Revocations): void {
  if (isRevoked(token, revocations)) throw new TokenRefused('token_revoked');
}
