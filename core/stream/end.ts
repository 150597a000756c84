/** Why the server ends a session, and whether the client comes back; the table in docs/PROTOCOL.md says the same. */
export const END_REASONS = {
  session_length: { reconnect: true },
  deadline: { reconnect: true },
  token_expired: { reconnect: false },
  slow_reader: { reconnect: true },
  deploy: { reconnect: true },
  trouble: { reconnect: true },
} as const satisfies Record<string, { reconnect: boolean }>;

export type EndReason = keyof typeof END_REASONS;
