import type { FuzzAnswer } from './send.ts';
import type { TokenPlan } from './token.ts';

/**
 * What is wrong with an answer; undefined when nothing is.
 *
 * A token of a key that nobody knows may be told to come back, while the issuer is left alone: by 503 `unavailable`, or on a
 * stream by an end.
 */
export function faultOf(
  { token, method }: { readonly token: Pick<TokenPlan, 'kind'>; readonly method: string },
  { status, text, failure }: FuzzAnswer,
): string | undefined {
  if (failure !== undefined) return failure;
  if (isUntold(method, status, text) && (token.kind === 'changed' || token.kind === 'header'))
    return undefined;
  if (status >= 500) return `status ${status}`;
  return /"reason":"trouble"/.test(text) ? 'trouble on the stream' : undefined;
}

/** Whether an answer may mean that a token cannot be judged yet. One to `HEAD` has no body to tell why it is a 503. */
function isUntold(method: string, status: number, text: string): boolean {
  if (status === 503) return method === 'HEAD' || /"unavailable"/.test(text);
  return status === 200 && !/"connection\.established"/.test(text);
}
