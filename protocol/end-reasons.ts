/**
 * Why the server ends a session, and whether the client comes back as it is; the table in docs/PROTOCOL.md says the
 * same.
 */
export const endReasons = {
  session_length: { reconnect: true },
  deadline: { reconnect: true },
  token_expired: { reconnect: false },
  slow_reader: { reconnect: true },
  deploy: { reconnect: true },
  trouble: { reconnect: true },
  lease_expired: { reconnect: true },
  catching_up: { reconnect: true },
  liveness_check: { reconnect: true },
  user_limit: { reconnect: true },
  workspace_limit: { reconnect: true },
  disconnected: { reconnect: false },
  connection_limit: { reconnect: false },
  ended_by_admin: { reconnect: false },
  revoked: { reconnect: false },
} as const satisfies Record<string, { reconnect: boolean }>;

export type EndReason = keyof typeof endReasons;

/** Whether a value, from a table for example, is a reason. */
export function isEndReason(value: unknown): value is EndReason {
  return typeof value === 'string' && Object.hasOwn(endReasons, value);
}

/**
 * Whether an EventSource that comes back by itself must be stopped. With an expired token it is stopped by a 401, which
 * its page can see.
 */
export function isTerminalReason(reason: EndReason): boolean {
  return !endReasons[reason].reconnect && reason !== 'token_expired';
}

/**
 * EventSource reconnects after every end, whatever the reason says. After an end that wants no reconnect it is told to
 * wait so long, milliseconds; should it come back all the same, its cursor shows why it must not.
 */
export const terminalRetryMs = 24 * 3600 * 1000;

/** Bounds of what EventSource waits after an end that only asks whether it is still there, milliseconds. */
export const againSoonMs = [50, 250] as const;
