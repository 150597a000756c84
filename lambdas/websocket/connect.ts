import { bearerPrefix, subprotocol } from '../../protocol/web-socket.ts';
import { Refusal } from '../../core/refusal.ts';
import type { Observer } from '../../core/observer.ts';
import type { OpenSocket } from '../../core/push/socket.ts';
import type { Admissions } from '../shared/admission/admissions.ts';
import { newConnection } from '../shared/admission/new-connection.ts';
import { refusalOfLimit } from '../shared/admission/stream-limit.ts';
import type { CarriedCredentials, Credentials } from '../shared/auth/credentials.ts';
import type { SocketStore } from '../shared/dynamodb/socket-store.ts';
import type { Answer } from '../shared/http/answer.ts';
import type { SocketEnds } from '../shared/web-socket/socket-ends.ts';
import type { SocketEvent } from './event.ts';
import { headerOf, parameterOf } from './event.ts';

/** The header in which a client offers subprotocols, and the server selects one; in lower case. */
const protocolHeader = 'sec-websocket-protocol';

/** The longest life of a connection. Source: "Quotas for WebSocket APIs", API Gateway developer guide. */
export const longestSocketMs = 2 * 3600 * 1000;

/** What a client wants that opens a connection. */
export interface ConnectRequest {
  readonly credentials: CarriedCredentials;
  /** Whether it offers the subprotocol of the contract; else it offers none at all. */
  readonly offersSubprotocol: boolean;
}

/**
 * Reads the request that opens a connection. What says who asks is in the header, in the query or among the offered
 * subprotocols, of which the first that is there counts.
 * @param tokenHeader name in lower case of the only header that counts as the caller's `Authorization`.
 * @throws {Refusal} 400 when subprotocols are offered, but not ours.
 */
export function readConnectRequest(event: SocketEvent, tokenHeader: string): ConnectRequest {
  const offered = (headerOf(event, protocolHeader) ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  const offersSubprotocol = offered.includes(subprotocol);
  if (offered.length > 0 && !offersSubprotocol) {
    throw new Refusal('invalid_header', `offer the subprotocol "${subprotocol}", or none`);
  }
  const authorization = headerOf(event, tokenHeader);
  const ticket = parameterOf(event, 'ticket');
  const inOffer = offered.find((each) => each.startsWith(bearerPrefix))?.slice(bearerPrefix.length);
  const token = parameterOf(event, 'token') || (ticket ? undefined : inOffer);
  return { credentials: { authorization, token, ticket }, offersSubprotocol };
}

export interface ConnectOptions {
  /** Name in lower case of the only header that counts as the caller's `Authorization`. */
  readonly tokenHeader: string;
  readonly credentials: Pick<Credentials, 'verify'>;
  readonly admissions: Pick<Admissions, 'admit'>;
  readonly openSockets: Pick<SocketStore, 'add'>;
  readonly ends: Pick<SocketEnds, 'withdraw'>;
  readonly observer: Pick<Observer, 'opened'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly newConnectionId: () => string;
}

/**
 * Lets a client in, or not.
 * @returns the answer to its handshake.
 * @throws {Refusal} as `readConnectRequest`, as the credentials, and 429 where there is no room; what the tables throw.
 */
export async function letIn(event: SocketEvent, options: ConnectOptions): Promise<Answer> {
  const { tokenHeader, credentials, admissions, openSockets, ends, now: clock, observer } = options;
  const { credentials: carried, offersSubprotocol } = readConnectRequest(event, tokenHeader);
  const token = await credentials.verify(carried);
  const now = clock();
  const deadline = Math.min(now + longestSocketMs, token.expiresAt);
  const { connectionId: socket } = event.requestContext;
  const { principal, expiresAt } = token;
  const open: OpenSocket = { socket, id: options.newConnectionId(), principal, connectedAt: now, expiresAt };
  // Before the connection's own item, by which whoever ends it finds it: what ends it must find this one as well.
  await openSockets.add(open);
  try {
    const connection = { ...newConnection(open.id, {}, token, deadline, now), socket };
    const limit = await admissions.admit(connection, token);
    if (limit !== undefined) throw refusalOfLimit(limit);
  } catch (error) {
    await ends.withdraw(open);
    throw error;
  }
  observer.opened(open.id, 'socket', false);
  // Never what carries the token: the answer to an offer is seen by whoever logs answers.
  return { statusCode: 200, headers: offersSubprotocol ? { 'Sec-WebSocket-Protocol': subprotocol } : {} };
}
