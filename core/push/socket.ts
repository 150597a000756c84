import type { EndReason } from '../../protocol/end-reasons.ts';
import type { ConnectionKey } from '../connections/connection.ts';
import type { Filter, FilterParameters } from '../subscription/filter.ts';
import { readFilter } from '../subscription/filter.ts';
import type { Principal } from '../subscription/principal.ts';
import type { Subscription } from '../subscription/subscription.ts';

/** What a client of a WebSocket has subscribed to, as it said it. */
export interface SocketSubscription {
  /** The client's own name for it; undefined where it gave none. */
  readonly name: string | undefined;
  readonly filter: FilterParameters;
  /** Whether it is told of other users too. */
  readonly presence?: boolean | undefined;
}

/** An open WebSocket, as the connections table knows it. Times in epoch milliseconds. */
export interface OpenSocket {
  /** What API Gateway calls the connection. */
  readonly socket: string;
  /** What the protocol calls it. */
  readonly id: string;
  readonly principal: Principal;
  readonly connectedAt: number;
  /** From when on nothing is told to it any more: its token, or its ticket, expires then. */
  readonly expiresAt: number;
  /** Why it must end, once somebody has said that it must. */
  readonly ended?: EndReason | undefined;
  /** Undefined as long as the client has not subscribed. */
  readonly subscription?: SocketSubscription | undefined;
}

/** An open WebSocket whose client has subscribed. */
export type Subscriber = OpenSocket & { readonly subscription: SocketSubscription };

/** The key of the item in the connections table that is like a stream's. */
export function connectionOf({ principal: { workspace, user }, id }: OpenSocket): ConnectionKey {
  return { workspace, user, id };
}

/**
 * What a subscriber wants to hear of.
 * @throws {Refusal} `invalid_parameter` for a filter of a newer version.
 */
export function subscriptionOf({ principal, subscription }: Subscriber): Subscription {
  const filter: Filter = readFilter(subscription.filter);
  return { principal, filter };
}
