import { TOKEN_FAULTS } from '../../../core/identity/token.ts';
import { isThrottle, isUnreachable } from '../dynamodb/client.ts';
import { IssuerUnavailable, KeyNotKnownYet } from '../auth/key-set.ts';
import { reportTrouble } from '../runtime/trouble.ts';
import { TokenRefused } from '../auth/verifier.ts';
import type { Answer } from './answer.ts';
import { answerError, answerUnauthorized, HttpError } from './answer.ts';

/** Turns whatever was thrown into an answer; what nobody foresaw is logged and becomes a plain 500. */
export function answerFailure(error: unknown): Answer {
  if (error instanceof HttpError) {
    if (error.status >= 500) reportTrouble(error.message, error);
    return answerError(error.status, error.code, error.message, error.headers);
  }
  if (error instanceof TokenRefused) return answerUnauthorized(error.fault, TOKEN_FAULTS[error.fault]);
  if (error instanceof IssuerUnavailable) {
    // Who sends forged tokens rings no alarm.
    if (error instanceof KeyNotKnownYet) console.info({ message: error.message });
    else reportTrouble('the issuer gives no keys', error);
    const seconds = error.retryAfterSeconds;
    const advice = `nobody can tell right now whether the token is good: try again in ${seconds} s`;
    return answerError(503, 'unavailable', advice, { 'retry-after': String(seconds) });
  }
  if (isThrottle(error)) {
    reportTrouble('a table is throttled', error);
    return answerError(429, 'throttled', 'too many requests right now: try again in a second', {
      'retry-after': '1',
    });
  }
  if (isUnreachable(error)) {
    reportTrouble('no answer from the tables', error);
    const advice =
      'no answer from the database: look whether the change was made, or repeat it with its Idempotency-Key';
    return answerError(503, 'unavailable', advice, { 'retry-after': '5' });
  }
  reportTrouble('request failed', error);
  return answerError(
    500,
    'internal',
    'something went wrong on the server: try again, and tell the operator if it stays',
  );
}
