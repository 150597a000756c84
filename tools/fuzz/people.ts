import type { Issuer } from '../../local/identity/issuer.ts';
import type { TokenRequest } from '../../local/identity/token-request.ts';

const users = 24;
const workspaces = 12;

/** Users whom requests speak for. In each third workspace, the first's included, they are admins. */
export const fuzzedPeople: readonly TokenRequest[] = Array.from({ length: users }, (_, number) => ({
  sub: number % 4 === 3 ? `a#b%${number}` : `user-${number}`,
  workspace: `fuzz-${number % workspaces}`,
  admin: number % 3 === 0,
}));

/** Users who keep streams open; each has an admin in the workspace, and none is one of those above. */
export const keepers: readonly TokenRequest[] = Array.from({ length: 24 }, (_, number) => ({
  sub: number % 4 === 3 ? `keeper#${number}` : `keeper-${number}`,
  workspace: fuzzedPeople[(number * 3) % workspaces]!.workspace,
}));

/** An admin of a keeper's workspace. */
export function adminOf({ workspace }: TokenRequest): TokenRequest {
  return fuzzedPeople.find((person) => person.workspace === workspace && person.admin === true)!;
}

/**
 * Signs tokens for those who open streams in passing. The streams end with them, so that a client that waits for the end
 * does so soon, and one that has left leaves nothing open for long.
 */
export function signBriefly(issuer: Issuer, who: TokenRequest): Promise<string> {
  // With the leeway for clocks it is good for seven seconds; one that has five or less to live opens no stream.
  return issuer.sign({ ...who, expiresIn: 2 });
}
