import { expiryOf } from '../../../core/identity/ticket.ts';
import { faultOfTimes, findToken, leewaySeconds, TokenRefused } from '../../../core/identity/token.ts';
import { expiresTooSoon } from '../../../core/session/planned-ends.ts';
import type { TicketStore } from '../dynamodb/ticket-store.ts';
import type { TokenVerifier, VerifiedToken } from './verifier.ts';

/** What a request may carry to say who asks for a stream, each as it came; the first that is there counts. */
export interface CarriedCredentials {
  /** Value of the header that counts as `Authorization`. */
  readonly authorization: string | undefined;
  /** Value of the parameter `token`. */
  readonly token: string | undefined;
  /** Value of the parameter `ticket`. */
  readonly ticket: string | undefined;
}

export interface CredentialsOptions {
  readonly verifier: TokenVerifier;
  readonly tickets: Pick<TicketStore, 'find'>;
  /** The longest life of a token that is accepted, seconds. */
  readonly tokenLifeSeconds: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * Says who asks for a stream, by the token or the ticket that the request carries. Whether it is revoked is asked where
 * the stream is noted, before and after: see `Admissions`.
 */
export class Credentials {
  readonly #options: CredentialsOptions;

  constructor(options: CredentialsOptions) {
    this.#options = options;
  }

  /**
   * Verifies what a request carries.
   * @throws {TokenRefused} when it is bad, or about to expire; {IssuerUnavailable} when nobody can tell; what the table
   *   throws.
   */
  async verify({ authorization, token, ticket }: CarriedCredentials): Promise<VerifiedToken> {
    if (!authorization && !token && ticket) return this.#verifyTicket(ticket);
    const found = findToken(authorization, token);
    if (typeof found === 'string') throw new TokenRefused(found);
    const verified = await this.#options.verifier.verify(found.token);
    if (expiresTooSoon(verified.expiresAt, this.#options.now())) throw new TokenRefused('token_expired');
    return verified;
  }

  /** Of what can be refused by the text alone, no table is asked. */
  async #verifyTicket(ticket: string): Promise<VerifiedToken> {
    const { tickets, tokenLifeSeconds, now } = this.#options;
    const expiresAt = expiryOf(ticket);
    if (expiresAt === undefined) throw new TokenRefused('token_malformed', 'ticket');
    if (expiresTooSoon(expiresAt, now())) throw new TokenRefused('token_expired', 'ticket');
    const found = await tickets.find(ticket);
    if (found === undefined) throw new TokenRefused('token_invalid', 'ticket');
    const fault = faultOfTimes(timesOf(found), now() / 1000, tokenLifeSeconds);
    if (fault !== undefined) throw new TokenRefused(fault);
    return found;
  }
}

/**
 * The times of the token that a ticket is of. They are judged again as the token's own would be: a revocation is kept for
 * the longest life that is accepted now, which may be shorter than when the ticket was given.
 */
function timesOf({ issuedAt, tokenExpiresAt }: VerifiedToken): { iat: number | undefined; exp: number } {
  return {
    iat: issuedAt === undefined ? undefined : issuedAt / 1000,
    exp: tokenExpiresAt / 1000 - leewaySeconds,
  };
}
