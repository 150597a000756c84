import type { FoundSecret } from '../../tools/secrets/find-secrets.ts';
import { findSecret } from '../../tools/secrets/find-secrets.ts';

/** Signatures of the tokens, and secrets of the tickets, that were made in this test file. */
const secrets = new Set<string>();
const leaks: string[] = [];

/** Notes a token that a test sends, so that even its last part is known in a log. */
export function rememberToken(token: string): void {
  const signature = token.split('.').at(-1) ?? '';
  if (signature.length >= 16) secrets.add(signature);
}

/** Notes a ticket that a test was given, so that its secret part alone is known in a log. */
export function rememberTicket(ticket: string): void {
  const [secret = ''] = ticket.split('.');
  if (secret.length >= 16) secrets.add(secret);
}

/**
 * Looks for secrets in what a process under test has logged; what is found fails the test that runs.
 * @param source who logged it.
 * @returns whether there is none.
 */
export function inspectLog(source: string, text: string): boolean {
  const found: FoundSecret | undefined = findSecret(text, secrets);
  if (found) leaks.push(`${source} logged ${found.what}: ${found.redacted.slice(0, 1000)}`);
  return found === undefined;
}

/** What was found since the last call. */
export function takeLeaks(): string[] {
  return leaks.splice(0);
}

/** @throws {Error} for what was found since the last call. */
export function failOnLeaks(): void {
  const found = takeLeaks();
  if (found.length > 0) throw new Error(`secrets in logs:\n${found.join('\n')}`);
}
