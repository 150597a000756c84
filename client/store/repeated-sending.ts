import { RequestRefused } from '../http/request.ts';
import { hex } from '../shared/hex.ts';

/**
 * Waits before another attempt; throws when there is to be none.
 * @param attempts how many have failed, from 1.
 * @param atLeastMs what the server asks for.
 */
export type WaitForAttempt = (attempts: number, atLeastMs?: number) => Promise<void>;

/** How often a write starts again when others write the same task in between. */
export const rounds = 5;
/** How often a request is sent whose answer is lost or that meets passing trouble. */
const sendings = 3;

/** A new idempotency key. `crypto.randomUUID` is for secure contexts only, and a local stack may be none. */
export function newIdempotencyKey(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}

/** Sends a request again, as it was, while no answer says how it went; three times in all. */
export async function sendUntilAnswered<Answer>(
  request: () => Promise<Answer>,
  wait: WaitForAttempt,
): Promise<Answer> {
  for (let sending = 1; ; sending += 1) {
    try {
      return await request();
    } catch (error) {
      if (isAnswer(error) || sending === sendings) throw error;
      await wait(sending, refusalOf(error)?.retryAfterMs);
    }
  }
}

/** An error as the server's answer, where it is one. */
export function refusalOf(error: unknown): RequestRefused | undefined {
  return error instanceof RequestRefused ? error : undefined;
}

/** Whether an error is the server's word on the request, and not trouble that passes. */
export function isAnswer(error: unknown): boolean {
  return refusalOf(error)?.isPassing === false;
}
