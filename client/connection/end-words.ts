import type { EndReason } from '../../protocol/end-reasons.ts';
import { RequestRefused } from '../http/request.ts';

/** Data of the named frames, each of which has some of it. */
export interface ControlContent {
  readonly complete?: boolean;
  readonly reconnect?: boolean;
  readonly reason?: string;
  readonly timestamp?: string;
}

export const tokenExpired: EndReason = 'token_expired';

/** What the server would say of a token that has expired. */
export const expired = new RequestRefused({
  status: 401,
  code: tokenExpired,
  message: 'The token has expired.',
});

const words: Readonly<Partial<Record<EndReason, string>>> = {
  connection_limit: 'Too many pages of yours are open; this was the oldest.',
  disconnected: 'Another page of yours has ended it.',
  ended_by_admin: 'An admin has ended it.',
  revoked: 'An admin has revoked your rights.',
};

/** What the user reads when the server ends the stream for good; a reason that is not known is told as it came. */
export function describeEnd(reason: string): string {
  return words[reason as EndReason] ?? `The server ended it: ${reason}.`;
}
