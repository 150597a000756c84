import type { EndReason } from '../protocol/end-reasons.ts';

/** A frame as it arrived. */
export interface ReceivedFrame {
  /** The cursor. */
  readonly id: string;
  /** The event's name, or the type that is in the data where it has none. */
  readonly type: string;
  /** JSON text. */
  readonly data: string;
}

/** Data of the named frames, each of which has some of it. */
export interface ControlContent {
  readonly complete?: boolean;
  readonly reconnect?: boolean;
  readonly reason?: string;
  readonly timestamp?: string;
}

/** With this token every other stream would be refused. */
export const tokenExpired: EndReason = 'token_expired';

const terminalEnds: Readonly<Partial<Record<EndReason, string>>> = {
  connection_limit: 'Too many pages of yours are open; this was the oldest. Reload it to go on here.',
  disconnected: 'Another page of yours has ended it. Reload this one to go on.',
  ended_by_admin: 'An admin has ended it.',
  revoked: 'An admin has revoked your rights.',
};

/** What the user reads when the server ends the stream for good; a reason that the page does not know is told as it came. */
export function describeEnd(reason: string): string {
  return terminalEnds[reason as EndReason] ?? `The server ended it: ${reason}.`;
}
