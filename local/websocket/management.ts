import { setTimeout as wait } from 'node:timers/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessControl } from '../iam/access-control.ts';
import { managementPermission } from '../iam/management-permission.ts';
import type { ManagementCall } from '../iam/management-permission.ts';
import { databaseAccessKeyId } from '../data/database-client.ts';
import { UnknownRequest } from '../iam/request-actions.ts';
import { endings, largestMessage } from './limits.ts';
import type { OpenSocket } from './open-socket.ts';
import type { SocketRegistry } from './socket-registry.ts';
import { addressedConnection } from './socket-address.ts';
import type { SocketAddress } from './socket-address.ts';

/** A call of a function to the management endpoint that its policy allows. */
export interface SocketCall {
  /** Short name of the function, such as `websocket`. */
  readonly functionName: string;
  /** POST sends, GET asks, DELETE ends. */
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly connectionId: string;
  /** What is to be sent; empty for another call. */
  readonly text: string;
}

/** What becomes of a call other than its plain answer. */
export type SocketFault =
  /** The connection is said to be gone. */
  | { readonly kind: 'gone' }
  /** Refused for load. */
  | { readonly kind: 'limit' }
  /** It is said to have happened, and has not. */
  | { readonly kind: 'lose' }
  /** It happens so much later, and is answered then. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** The connection to the endpoint breaks: before anything has happened, or after all of it has. */
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' };

/** Decides what becomes of a call; undefined lets it pass. May take its time, and the call waits. */
export type OnSocketCall = (call: SocketCall) => SocketFault | undefined | Promise<SocketFault | undefined>;

export interface ManagementOptions {
  readonly address: SocketAddress;
  readonly registry: SocketRegistry;
  readonly access: AccessControl;
  readonly onCall?: OnSocketCall | undefined;
}

/** The errors of the endpoint. Source: the API Gateway Management API reference. */
const errors = {
  AccessDeniedException: 403,
  ForbiddenException: 403,
  GoneException: 410,
  PayloadTooLargeException: 413,
  LimitExceededException: 429,
} as const;

type ErrorName = keyof typeof errors;

/** The endpoint of a WebSocket API through which functions reach open connections, as the functions of this stack see it. */
export class ManagementEndpoint {
  readonly #options: ManagementOptions;

  constructor(options: ManagementOptions) {
    this.#options = options;
  }

  /** Whether a request is for this endpoint and not for a table. */
  static takes({ url = '/' }: IncomingMessage): boolean {
    return addressedConnection(url) !== undefined;
  }

  /** Answers a call as API Gateway does. */
  async serve(
    request: IncomingMessage,
    body: Buffer,
    accessKeyId: string,
    response: ServerResponse,
  ): Promise<void> {
    const { address, access } = this.#options;
    const addressed = addressedConnection(request.url ?? '');
    if (addressed === undefined) return void response.destroy();
    const { host, stage, connectionId } = addressed;
    const method = request.method as SocketCall['method'];
    const call: SocketCall = {
      functionName: access.functionName(accessKeyId),
      method,
      connectionId,
      text: body.toString('utf8'),
    };
    const apiId = host.split('.')[0] ?? '';
    const denial = denialOf(access, accessKeyId, { apiId, stage, method, connectionId });
    if (denial !== undefined) return refuse(response, 'AccessDeniedException', denial);
    if (host !== address.domain || stage !== address.stage)
      return refuse(response, 'ForbiddenException', 'Forbidden');
    const fault = await this.#options.onCall?.(call);
    if (fault?.kind === 'delay') await wait(fault.milliseconds, undefined, { ref: false });
    if (fault?.kind === 'gone') return refuse(response, 'GoneException');
    if (fault?.kind === 'limit') return refuse(response, 'LimitExceededException');
    if (fault?.kind === 'drop' && fault.when === 'before') return void response.destroy();
    if (body.length > largestMessage) return refuse(response, 'PayloadTooLargeException');
    const socket = this.#options.registry.find(connectionId);
    if (socket === undefined) return refuse(response, 'GoneException');
    if (fault?.kind !== 'lose' && !happen(call, socket)) return refuse(response, 'LimitExceededException');
    if (fault?.kind === 'drop') return void response.destroy();
    answer(response, call, socket);
  }
}

/** Why a call is refused; undefined where it is not. Whoever has the key of the tables may do everything here too. */
function denialOf(access: AccessControl, accessKeyId: string, call: ManagementCall): string | undefined {
  if (accessKeyId === databaseAccessKeyId) return undefined;
  try {
    return access.deny(accessKeyId, [managementPermission(call)]);
  } catch (error) {
    if (error instanceof UnknownRequest) return error.message;
    throw error;
  }
}

/** Does what a call asks for; false where the connection cannot take it. */
function happen({ method, text }: SocketCall, socket: OpenSocket): boolean {
  if (method === 'POST') return socket.send(text);
  if (method === 'DELETE') socket.end(endings.deleted);
  return true;
}

/** Source of the statuses: the API Gateway Management API reference. */
function answer(response: ServerResponse, { method }: SocketCall, socket: OpenSocket): void {
  if (method === 'DELETE') return void response.writeHead(204).end();
  if (method === 'POST') return void response.writeHead(200, { 'content-length': 0 }).end();
  const { connectedAt, identity } = socket.facts;
  response.writeHead(200, { 'content-type': 'application/json' }).end(
    JSON.stringify({
      connectedAt: new Date(connectedAt).toISOString(),
      identity,
      lastActiveAt: new Date(socket.lastActiveAt).toISOString(),
    }),
  );
}

function refuse(response: ServerResponse, name: ErrorName, message: string = name): void {
  response
    .writeHead(errors[name], { 'content-type': 'application/json', 'x-amzn-errortype': name })
    .end(JSON.stringify({ message }));
}
