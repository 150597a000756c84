import { setTimeout as wait } from 'node:timers/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LoopbackServer } from '../../commands/loopback-server.ts';
import { listenOnLoopback } from '../../commands/loopback-server.ts';
import { answerConflict, answerThrottle, splitBatch } from './aws-fault.ts';
import type { AwsCall, AwsFault, ErrorAnswer, OnAwsCall } from './aws-fault.ts';
import { askForCapacity, readCapacity } from './consumed-capacity.ts';
import type { CapacityObserver } from './consumed-capacity.ts';
import { databaseAuthorization } from './database-client.ts';
import type { DatabaseClient } from './database-client.ts';
import { InvokeEndpoint } from '../functions/invoke-endpoint.ts';
import { ParameterEndpoint } from '../functions/parameter-endpoint.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { requiredPermissions, UnknownRequest } from '../iam/request-actions.ts';
import type { RequiredPermission } from '../iam/request-actions.ts';
import { tableArn } from '../template/stack-template.ts';
import { ManagementEndpoint } from '../websocket/management.ts';

/** The endpoint that the functions know as AWS. */
export type AwsEndpoint = LoopbackServer;

/** What the endpoint works with. */
export interface AwsEndpointOptions {
  readonly database: DatabaseClient;
  readonly access: AccessControl;
  /** Called after a write that the database accepted, with the ARN of the table. */
  readonly onWrite: (tableArn: string) => void;
  /** When it is there, the database is asked what each request consumes. */
  readonly onCapacity?: CapacityObserver | undefined;
  /** Decides what becomes of a call that is allowed: the place for fault injection. */
  readonly onCall?: OnAwsCall | undefined;
  /** Takes the requests about open WebSockets; refused where it is left out. */
  readonly management?: ManagementEndpoint | undefined;
  /** Takes the requests that invoke functions; refused where it is left out. */
  readonly invoke?: InvokeEndpoint | undefined;
  /** Takes the requests that read parameters; refused where it is left out. */
  readonly parameters?: ParameterEndpoint | undefined;
}

/** Headers that belong to one hop, or that must say something else to the database. */
const replacedHeaders = new Set(['authorization', 'connection', 'content-length', 'host', 'expect']);
const writeActions = new Set([
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:BatchWriteItem',
]);

/**
 * Starts a thin proxy between the functions and the database; what is about open WebSockets, invokes functions
 * or reads parameters it hands on.
 * It knows a function by the access key id of its requests, refuses what the template's policy does not allow in AWS's words,
 * and forwards the rest untouched, unless somebody wants to know the capacity it consumes.
 * Signatures are not checked: who holds the key of a local function is a local process.
 */
export async function startAwsEndpoint(options: AwsEndpointOptions): Promise<AwsEndpoint> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const { management, invoke, parameters } = options;
      const accessKeyId = accessKeyIdOf(request.headers.authorization);
      if (management !== undefined && ManagementEndpoint.takes(request)) {
        management.serve(request, body, accessKeyId, response).catch(() => response.destroy());
      } else if (invoke !== undefined && InvokeEndpoint.takes(request)) {
        invoke.serve(request, body, accessKeyId, response);
      } else if (parameters !== undefined && ParameterEndpoint.takes(request)) {
        parameters.serve(request, body, accessKeyId, response);
      } else void answer(request, body, response, options);
    });
    request.on('error', () => response.destroy());
  });
  server.keepAliveTimeout = 0;
  return listenOnLoopback(server);
}

async function answer(
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  { database, access, onWrite, onCapacity, onCall }: AwsEndpointOptions,
): Promise<void> {
  const target = String(request.headers['x-amz-target']);
  let permissions: RequiredPermission[];
  let input: Parameters<typeof requiredPermissions>[1];
  let forwarded: Buffer | string = body;
  try {
    input = JSON.parse(body.toString('utf8')) as typeof input;
    permissions = requiredPermissions(target, input, tableArn);
    if (onCapacity !== undefined && !('ReturnConsumedCapacity' in input)) forwarded = askForCapacity(input);
  } catch (error) {
    const code = error instanceof UnknownRequest ? 'AccessDeniedException' : 'SerializationException';
    refuse(response, coralError(code, (error as Error).message));
    return;
  }
  const accessKeyId = accessKeyIdOf(request.headers.authorization);
  const denial = access.deny(accessKeyId, permissions);
  if (denial !== undefined) {
    refuse(response, coralError('AccessDeniedException', denial));
    return;
  }
  const functionName = access.functionName(accessKeyId);
  const call: AwsCall = {
    functionName,
    operation: target.split('.')[1] ?? '',
    tables: [...new Set(permissions.map(({ resource }) => resource))],
    input: { ...input },
  };
  const fault = await onCall?.(call);
  if (fault !== undefined && (await refuseFor(fault, call, response))) return;
  const batch = fault?.kind === 'unprocessed' ? splitBatch(call, fault.processed) : undefined;
  if (batch !== undefined) forwarded = JSON.stringify(batch.done);
  const headers: Record<string, string | string[]> = { authorization: databaseAuthorization };
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !replacedHeaders.has(name)) headers[name] = value;
  }
  try {
    const result = await database.send(headers, forwarded);
    if (fault?.kind === 'drop') response.destroy();
    else if (fault?.kind === 'stall') fault.onHappened?.();
    else {
      delete result.headers.connection;
      if (batch === undefined) response.writeHead(result.status, result.headers).end(result.body);
      else response.writeHead(result.status, jsonHeaders).end(withUndone(result.body, batch.undone));
    }
    if (result.status !== 200) return;
    for (const { action, resource } of permissions) {
      if (writeActions.has(action)) onWrite(resource);
    }
    if (onCapacity === undefined) return;
    const asked = batch?.done ?? input;
    for (const consumed of readCapacity(functionName, target, asked, result.body)) onCapacity(consumed);
  } catch {
    // The SDK retries a lost connection as it would on AWS.
    response.destroy();
  }
}

/** Does what a fault asks for before anything happens; true when the call is over with that. */
async function refuseFor(fault: AwsFault, call: AwsCall, response: ServerResponse): Promise<boolean> {
  if (fault.kind === 'throttle') refuse(response, answerThrottle(call, fault.code));
  else if (fault.kind === 'deny') refuse(response, coralError('AccessDeniedException', 'a right is missing'));
  else if (fault.kind === 'conflict') refuse(response, answerConflict(call));
  else if (fault.kind === 'drop' && fault.when === 'before') response.destroy();
  else {
    if (fault.kind === 'delay') await wait(fault.milliseconds, undefined, { ref: false });
    return false;
  }
  return true;
}

/** The body's checksum is left out: it would be that of another body. */
const jsonHeaders = { 'content-type': 'application/x-amz-json-1.0' };

function withUndone(body: Buffer, undone: object): string {
  return JSON.stringify({ ...(JSON.parse(body.toString('utf8')) as object), ...undone });
}

function accessKeyIdOf(authorization: string | undefined): string {
  return /Credential=([^/,\s]+)\//.exec(authorization ?? '')?.[1] ?? '';
}

function coralError(code: string, message: string): ErrorAnswer {
  return { __type: `com.amazon.coral.service#${code}`, message };
}

function refuse(response: ServerResponse, error: ErrorAnswer): void {
  response.writeHead(400, jsonHeaders).end(JSON.stringify(error));
}
