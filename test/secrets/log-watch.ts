import type { FoundSecret } from '../../scripts/secrets/find-secrets.ts';
import { findSecret } from '../../scripts/secrets/find-secrets.ts';

/** Signatures of the tokens that were made in this test file. */
const signatures = new Set<string>();
const leaks: string[] = [];

/** Notes a token that a test sends, so that even its last part is known in a log. */
export function rememberToken(token: string): void {
  const signature = token.split('.').at(-1) ?? '';
  if (signature.length >= 16) signatures.add(signature);
}

/**
 * Looks for secrets in what a process under test has logged; what is found fails the test that runs.
 *
 * @param source - who logged it
 */
export function inspectLog(source: string, text: string): void {
  const found: FoundSecret | undefined = findSecret(text, signatures);
  if (found) leaks.push(`${source} logged ${found.what}: ${found.redacted.slice(0, 1000)}`);
}

/** What was found since the last call. */
export function takeLeaks(): string[] {
  return leaks.splice(0);
}
