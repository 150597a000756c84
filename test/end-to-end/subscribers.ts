import type { Subscriber } from '../../core/push/socket.ts';

/** A subscriber, by default to everything. */
export function subscriberOf(
  workspace: string,
  user: string,
  socket: string,
  fields: Partial<Subscriber> = {},
): Subscriber {
  return {
    socket,
    id: `connection-${socket}`,
    principal: { workspace, user, admin: false },
    connectedAt: Date.now(),
    expiresAt: Date.now() + 3_600_000,
    subscription: { name: user, filter: {} },
    ...fields,
  };
}
