import { randomBytes } from 'node:crypto';
import { ticketBytes, ticketExpiry, ticketText } from '../../core/identity/ticket.ts';
import { TokenRefused } from '../../core/identity/token.ts';
import { expiresTooSoon } from '../../core/session/planned-ends.ts';
import type { VerifiedToken } from '../shared/auth/verifier.ts';
import type { TicketStore } from '../shared/dynamodb/ticket-store.ts';

/** A ticket, and when it expires, epoch milliseconds. */
export interface GivenTicket {
  readonly ticket: string;
  readonly expiresAt: number;
}

/** Gives tickets for tokens: secrets for URLs, which open streams and nothing else. */
export class TicketOffice {
  readonly #tickets: Pick<TicketStore, 'put'>;
  readonly #ticketSeconds: number;
  readonly #now: () => number;

  /**
   * @param ticketSeconds how long a ticket lives.
   * @param now epoch milliseconds.
   */
  constructor(tickets: Pick<TicketStore, 'put'>, ticketSeconds: number, now: () => number) {
    this.#tickets = tickets;
    this.#ticketSeconds = ticketSeconds;
    this.#now = now;
  }

  /**
   * Gives a ticket for a token that was found good, and not revoked.
   * @throws {TokenRefused} for a token that is about to expire, whose ticket would open no stream; what the table throws.
   */
  async give(token: VerifiedToken): Promise<GivenTicket> {
    const now = this.#now();
    if (expiresTooSoon(token.expiresAt, now)) throw new TokenRefused('token_expired');
    const expiresAt = ticketExpiry(now, token.expiresAt, this.#ticketSeconds);
    const ticket = ticketText(randomBytes(ticketBytes), expiresAt);
    await this.#tickets.put(ticket, { ...token, expiresAt });
    return { ticket, expiresAt };
  }
}
