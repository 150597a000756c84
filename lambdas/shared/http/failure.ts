import type { Refusal } from '../../../core/refusal.ts';
import type { RefusalObserver } from './refusal-of.ts';
import { refusalOf } from './refusal-of.ts';
import type { Answer } from './answer.ts';
import { answerError } from './answer.ts';
import { entityTag } from '../../../protocol/entity-tag.ts';

/** Turns whatever was thrown into an answer. */
export function answerFailure(error: unknown, observer: RefusalObserver): Answer {
  const refusal = refusalOf(error, observer);
  return answerError(refusal.code, refusal.message, headersOf(refusal));
}

/** What a refusal says in headers. */
function headersOf({ facts: { retryAfterSeconds, version, methods } }: Refusal): Record<string, string> {
  return {
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    ...(version !== undefined && { etag: entityTag(version) }),
    ...(methods !== undefined && { allow: methods.join(', ') }),
  };
}
