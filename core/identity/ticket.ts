import { createHash } from 'node:crypto';

/** How many random bytes a ticket has: nobody guesses them. */
export const ticketBytes = 32;

/** Those bytes in base64url, a dot, and when the ticket expires: epoch seconds in base 36. */
const ticketForm = /^[\w-]{43}\.([1-9a-z][0-9a-z]{0,7})$/;

/**
 * When a ticket expires that is given now, epoch milliseconds: in whole seconds, and never later than its token.
 * @param now epoch milliseconds.
 * @param tokenExpiresAt from when on the token is refused, epoch milliseconds.
 * @param ticketSeconds how long a ticket lives.
 */
export function ticketExpiry(now: number, tokenExpiresAt: number, ticketSeconds: number): number {
  return Math.floor(Math.min(now + ticketSeconds * 1000, tokenExpiresAt) / 1000) * 1000;
}

/**
 * The text of a ticket. It tells its expiry, so that an expired one is known without a read, and after its item is gone.
 * Nobody can move the expiry: the item is found by the whole text.
 * @param secret `ticketBytes` random bytes.
 * @param expiresAt epoch milliseconds, in whole seconds.
 */
export function ticketText(secret: Buffer, expiresAt: number): string {
  return `${secret.toString('base64url')}.${(expiresAt / 1000).toString(36)}`;
}

/** When a ticket expires by its own text, epoch milliseconds; undefined for a text that is no ticket. */
export function expiryOf(ticket: string): number | undefined {
  const [, seconds] = ticketForm.exec(ticket) ?? [];
  return seconds === undefined ? undefined : parseInt(seconds, 36) * 1000;
}

/** Names a ticket without giving it away: whoever reads the table can open nothing by what stands there. */
export function ticketFingerprint(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64url');
}
