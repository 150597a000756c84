import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { connectionIdPattern } from '../../protocol/patterns.ts';
import { paths } from '../../protocol/routes.ts';
import { isUserId } from '../../core/subscription/principal.ts';
import { Refusal } from '../../core/refusal.ts';
import { readJson } from '../shared/http/json-body.ts';

/** The paths that a page calls as it closes, when it can set no header: their body may carry the token. */
const beaconPaths: ReadonlySet<string> = new Set([paths.disconnect, paths.lease]);

/** The token in the body of a request that may carry one there. */
export function tokenInBody(event: APIGatewayProxyEventV2): string | undefined {
  if (!beaconPaths.has(event.rawPath) || event.requestContext.http.method !== 'POST') return undefined;
  const { token } = readObject(event);
  return typeof token === 'string' ? token : undefined;
}

/**
 * The connection that the body names.
 * @throws {Refusal} 400, 413 or 415.
 */
export function readConnectionId(event: APIGatewayProxyEventV2): string {
  return checkConnectionId(readObject(event)['connectionId'], '"connectionId"');
}

/**
 * The connection that the path names.
 * @throws {Refusal} 400.
 */
export function connectionIdOfPath({ pathParameters }: APIGatewayProxyEventV2): string {
  return checkConnectionId(pathParameters?.['id'], 'the last part of the path');
}

/**
 * The user that the body names.
 * @throws {Refusal} 400, 413 or 415.
 */
export function readUserId(event: APIGatewayProxyEventV2): string {
  const { userId } = readObject(event, false);
  if (isUserId(userId)) return userId;
  throw new Refusal('invalid_field', '"userId" must be a user: the "sub" of its tokens, 1 to 128 characters');
}

function readObject(event: APIGatewayProxyEventV2, asBeacon = true): Readonly<Record<string, unknown>> {
  const body = readJson(event, asBeacon);
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  throw new Refusal('invalid_field', 'the body must be a JSON object');
}

function checkConnectionId(value: unknown, where: string): string {
  if (typeof value === 'string' && connectionIdPattern.test(value)) return value;
  const message = `${where} must be the connectionId of the stream's connection.established`;
  throw new Refusal('invalid_field', message);
}
