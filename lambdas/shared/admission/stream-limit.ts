import type { LimitReason } from '../../../core/connections/admission.ts';
import { Refusal } from '../../../core/refusal.ts';

/** Why there is no room for a stream, and when there may be. */
export interface StreamLimit {
  readonly reason: LimitReason;
  readonly retryAfterSeconds: number;
}

/** When one may come back that was refused because others are just ending, or will be, seconds. */
export const soonSeconds = 5;

const advice = {
  user_limit: 'you have as many open streams as you may have: close one, or try again in a while',
  workspace_limit: 'the workspace has as many open streams as it may have: try again in a while',
} as const satisfies Record<LimitReason, string>;

/** What a client hears for which there is no room, where it can bear the status. */
export function refusalOfLimit({ reason, retryAfterSeconds }: StreamLimit): Refusal {
  return new Refusal(reason, advice[reason], { retryAfterSeconds });
}
