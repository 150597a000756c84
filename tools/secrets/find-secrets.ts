/** What must never stand in a log, and how it looks. */
const forms: Readonly<Record<string, RegExp>> = {
  // A JSON object in base64url begins so: the header of a JWT, or its payload.
  'a part of a JWT': /\beyJ[\w-]{12,}[\w.-]*/,
  'a bearer token': /\bbearer(?:\s|%20|\+)+[\w.~+/=-]{8,}/i,
  'an Authorization header': /\bauthorization\b\\?["']?\s*[:=,]\s*\[?\\?["']?[\w.~+/=-]{8,}/i,
  // In parentheses stands what was redacted.
  'a token of a query': /[?&](?:token|ticket)(?:=|%3D)[^&\s"'(]+/i,
  'a token of a body': /\\?["'](?:token|ticket)\\?["']\s*:\s*\\?["'][^"'\\]+/,
  // 32 bytes in base64url, and an expiry of this century.
  'a ticket': /(?<![\w-])[\w-]{43}\.[1-9a-z][0-9a-z]{5,6}(?![\w-])/,
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----|\\?"d\\?"\s*:\s*\\?"[\w-]{20,}/,
  'a signature of AWS': /\bSignature=[0-9a-f]{32,}/,
};

/** A secret in a text, without the secret itself. */
export interface FoundSecret {
  readonly what: string;
  /** The text with all that was found replaced. */
  readonly redacted: string;
}

/**
 * Looks for secrets in a line of a log.
 * @param known secrets that have no form of their own, such as signatures of tokens that were sent.
 */
export function findSecret(line: string, known: Iterable<string> = []): FoundSecret | undefined {
  let redacted = line;
  const found: string[] = [];
  for (const [what, form] of Object.entries(forms)) {
    if (!form.test(redacted)) continue;
    found.push(what);
    redacted = redacted.replaceAll(new RegExp(form, `${form.flags}g`), `<${what}>`);
  }
  for (const secret of known) {
    if (!redacted.includes(secret)) continue;
    found.push('a secret of the test');
    redacted = redacted.replaceAll(secret, '<a secret of the test>');
  }
  return found.length === 0 ? undefined : { what: found.join(', '), redacted };
}
