import type { FuzzRequest } from './request.ts';
import type { FuzzAnswer } from './send.ts';
import type { TokenPlan } from './token.ts';

/** What of a request decides how it may be answered. */
interface Judged {
  readonly token: Pick<TokenPlan, 'kind'>;
  readonly method: string;
  readonly tokenIn: FuzzRequest['tokenIn'];
}

/**
 * What is wrong with an answer; undefined when nothing is.
 *
 * A token of a key that nobody knows may be told to come back, while the issuer is left alone: by 503 `unavailable`, or on a
 * stream by an end. A ticket has no key.
 */
export function faultOf(
  { token, method, tokenIn }: Judged,
  { status, text, failure }: FuzzAnswer,
): string | undefined {
  if (failure !== undefined) return failure;
  const mayBeOfOtherKey = tokenIn !== 'ticket' && (token.kind === 'changed' || token.kind === 'header');
  if (mayBeOfOtherKey && isUntold(method, status, text)) return undefined;
  if (status >= 500) return `status ${status}`;
  return /"reason":"trouble"/.test(text) ? 'trouble on the stream' : undefined;
}

/** Whether an answer may mean that a token cannot be judged yet. One to `HEAD` has no body to tell why it is a 503. */
function isUntold(method: string, status: number, text: string): boolean {
  if (status === 503) return method === 'HEAD' || /"unavailable"/.test(text);
  return status === 200 && !/"connection\.established"/.test(text);
}
