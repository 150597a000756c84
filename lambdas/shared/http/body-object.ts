import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Refusal } from '../../../core/refusal.ts';
import { readJson } from './json-body.ts';

/**
 * The JSON object in the body of a request.
 * @param asBeacon whether it may come as plain text, as `navigator.sendBeacon` sends it.
 * @throws {Refusal} 400, 413 or 415.
 */
export function readObject(
  event: APIGatewayProxyEventV2,
  asBeacon: boolean,
): Readonly<Record<string, unknown>> {
  const body = readJson(event, asBeacon);
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  throw new Refusal('invalid_field', 'the body must be a JSON object');
}

/**
 * Finds the token in the body of a request by POST to some paths: those that a page calls as it closes, when it can set no
 * header.
 */
export function tokenInBodyOf(
  beaconPaths: readonly string[],
): (event: APIGatewayProxyEventV2) => string | undefined {
  return (event) => {
    if (!beaconPaths.includes(event.rawPath) || event.requestContext.http.method !== 'POST') return undefined;
    const { token } = readObject(event, true);
    return typeof token === 'string' ? token : undefined;
  };
}
