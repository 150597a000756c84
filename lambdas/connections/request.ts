import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { connectionIdPattern } from '../../protocol/patterns.ts';
import { isUserId } from '../../core/subscription/principal.ts';
import { Refusal } from '../../core/refusal.ts';
import { readObject } from '../shared/http/body-object.ts';

/**
 * The connection that the body names.
 * @throws {Refusal} 400, 413 or 415.
 */
export function readConnectionId(event: APIGatewayProxyEventV2): string {
  return checkConnectionId(readObject(event, true)['connectionId'], '"connectionId"');
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

function checkConnectionId(value: unknown, where: string): string {
  if (typeof value === 'string' && connectionIdPattern.test(value)) return value;
  const message = `${where} must be the connectionId of the stream's connection.established`;
  throw new Refusal('invalid_field', message);
}
