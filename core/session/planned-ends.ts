import type { EndReason } from '../../protocol/end-reasons.ts';
import type { Random } from '../clock.ts';

/** When each end that is known from the start would come, epoch milliseconds. */
export type PlannedEnds = Readonly<
  Record<Extract<EndReason, 'session_length' | 'deadline' | 'token_expired'>, number>
>;

/** What a stream may not outlive. */
export interface StreamLimits {
  /** When the stream opens, epoch milliseconds, as are the next two. */
  readonly now: number;
  /** When the function must be done with it. */
  readonly deadline: number;
  /** When its token expires. */
  readonly tokenExpiresAt: number;
  /** The longest session, milliseconds. */
  readonly sessionMs: number;
}

/** The most by which a stream ends before its deadline or its token. Milliseconds. */
const mostEarlyMs = 5000;

/**
 * The part of its length by which a session may be shorter. Lambda adds 100 environments a second to a function: a
 * quarter of 300 s brings 7,500 clients back that came together.
 * Source: "Lambda function scaling", AWS Lambda Developer Guide.
 */
export const sessionJitter = 0.25;

/**
 * Whether a token is about to expire, so that its stream would end before the client could do anything about it. A
 * client that comes back after a `token_expired` is always refused for that.
 * @param expiresAt epoch milliseconds, as `now`.
 */
export function expiresTooSoon(expiresAt: number, now: number): boolean {
  return expiresAt - now <= mostEarlyMs;
}

/** Each a little earlier than it must be, by chance: clients that came together shall not come back together. */
export function plannedEnds(
  { now, deadline, tokenExpiresAt, sessionMs }: StreamLimits,
  random: Random,
): PlannedEnds {
  const early = (milliseconds: number, most: number): number =>
    now + milliseconds - random() * Math.min(most, milliseconds / 10);
  return {
    session_length: now + sessionMs * (1 - random() * sessionJitter),
    deadline: early(deadline - now, mostEarlyMs),
    token_expired: early(tokenExpiresAt - now, mostEarlyMs),
  };
}
