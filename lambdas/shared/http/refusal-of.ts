import type { Observer } from '../../../core/observer.ts';
import { TokenRefused } from '../../../core/identity/token.ts';
import { Refusal } from '../../../core/refusal.ts';
import { errorStatuses } from '../../../protocol/errors.ts';
import { IssuerUnavailable } from '../auth/key-set.ts';
import { isThrottle, isUnreachable } from '../dynamodb/client.ts';

/** Hears of refusals that an operator may want to count. */
export type RefusalObserver = Pick<Observer, 'refusedToken' | 'trouble'>;

/**
 * What the client of a request hears of whatever was thrown. What is no fault of the client is told
 * to the observer; of what nobody
 * foresaw the client hears no more than that it happened.
 */
export function refusalOf(error: unknown, observer: RefusalObserver): Refusal {
  if (error instanceof TokenRefused) observer.refusedToken(error.code);
  if (error instanceof Refusal) {
    if (errorStatuses[error.code] >= 500) observer.trouble(error.message, error);
    return error;
  }
  if (error instanceof IssuerUnavailable) return issuerUnavailable(error, observer);
  if (isThrottle(error)) {
    observer.trouble('a table is throttled', error);
    const advice = 'too many requests right now: try again in a second';
    return new Refusal('throttled', advice, { retryAfterSeconds: 1 });
  }
  if (isUnreachable(error)) {
    observer.trouble('no answer from the tables', error);
    const advice =
      'no answer from the database: look whether the change was made, or repeat it with its Idempotency-Key';
    return new Refusal('unavailable', advice, { retryAfterSeconds: 5 });
  }
  observer.trouble('request failed', error);
  const advice = 'something went wrong on the server: try again, and tell the operator if it stays';
  return new Refusal('internal', advice);
}

function issuerUnavailable(error: IssuerUnavailable, observer: RefusalObserver): Refusal {
  observer.trouble('the issuer gives no keys', error);
  const { retryAfterSeconds } = error;
  const advice = `nobody can tell right now whether the token is good: try again in ${retryAfterSeconds} s`;
  return new Refusal('unavailable', advice, { retryAfterSeconds });
}
