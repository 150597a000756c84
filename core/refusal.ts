import type { ErrorCode } from '../protocol/errors.ts';
import type { Method } from '../protocol/routes.ts';

/** What a client that is refused may need to know besides the code. */
export interface RefusalFacts {
  /** When it may be worth to try again, whole seconds. */
  readonly retryAfterSeconds?: number;
  /** The version that the task has by now. */
  readonly version?: number;
  /** The methods that work at the path. */
  readonly methods?: readonly Method[];
}

/** A request that cannot be served. It knows nothing of how requests come and answers go. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal';
  readonly code: ErrorCode;
  readonly facts: RefusalFacts;

  /** @param message what is wrong and what to do; the client sees it. */
  constructor(code: ErrorCode, message: string, facts: RefusalFacts = {}) {
    super(message);
    this.code = code;
    this.facts = facts;
  }
}

/** What was read of a request, or why it cannot be: what comes first decides whether that matters. */
export type Parsed<Value> = { readonly value: Value } | { readonly refusal: Refusal };

/**
 * The value that was read.
 * @throws {Refusal} where there is none.
 */
export function valueOf<Value>(parsed: Parsed<Value>): Value {
  if ('refusal' in parsed) throw parsed.refusal;
  return parsed.value;
}
