import * as z from 'zod';

const filled = z.string().min(1);

/** A user of the stage's user pool, by whose password the canary signs in. Its token is the ID token. */
const cognito = z.strictObject({
  kind: z.literal('cognito'),
  userPoolId: filled,
  clientId: filled,
  username: filled,
  password: filled,
});

/** A client of any other issuer, by a grant of OAuth 2.0 (RFC 6749). */
const oauth = z.strictObject({
  kind: z.literal('oauth'),
  tokenEndpoint: z.url(),
  clientId: filled,
  /** Left out for a public client. */
  clientSecret: filled.optional(),
  /** How it is sent: in `Authorization`, or in the body. */
  clientAuthentication: z.enum(['basic', 'post']).optional(),
  /** `client_credentials`, `refresh_token` with a token that stays good, or another one. */
  grantType: filled,
  /** What the grant needs besides: `scope`, `audience`, `refresh_token`, … */
  parameters: z.record(filled, z.string()).optional(),
  /** Which token of the answer is the one that the stage takes. */
  token: z.enum(['access_token', 'id_token']).optional(),
});

const credentialSchema = z.discriminatedUnion('kind', [cognito, oauth]);

/** By what the canary gets its tokens. */
export type Credential = z.infer<typeof credentialSchema>;
export type OAuthCredential = z.infer<typeof oauth>;

/** A credential that cannot be used. The message names the first fault, and holds nothing of the credential. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError';
}

/**
 * Reads the credential of the canary, as docs/DEPLOY.md explains it.
 * @param text JSON.
 * @throws {CredentialError}
 */
export function readCredential(text: string): Credential {
  const { data, error } = credentialSchema.safeParse(jsonOf(text));
  if (data !== undefined) return data;
  const [issue] = error.issues;
  throw new CredentialError(
    `the credential cannot be used: ${issue?.path.join('.') || 'it'}: ${issue?.message}`,
  );
}

/** Not with the parser's error, which quotes the text. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CredentialError('the credential is no JSON');
  }
}
