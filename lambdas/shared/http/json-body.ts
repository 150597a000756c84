import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Parsed } from '../../../core/refusal.ts';
import { Refusal, valueOf } from '../../../core/refusal.ts';

/** The largest request body. Bytes. */
const largestBodyBytes = 64 * 1024;

/** A page that closes can send JSON only as text: another type asks the server first, and nobody waits for its answer. */
const beaconType = 'text/plain';

/**
 * The JSON body of a request, or what is wrong with it: 415, 413 or 400.
 * @param asBeacon whether it may come as plain text, as `navigator.sendBeacon` sends it.
 */
export function parseJson(
  event: APIGatewayProxyEventV2,
  { asBeacon = false }: { readonly asBeacon?: boolean } = {},
): Parsed<unknown> {
  const type = (event.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  const isJson = type === 'application/json' || /^application\/[\w.-]+\+json$/.test(type);
  if (!isJson && !(asBeacon && type === beaconType)) {
    const message = 'send the body as JSON, with "Content-Type: application/json"';
    return { refusal: new Refusal('unsupported_media_type', message) };
  }
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (body.length > largestBodyBytes) {
    const message = `the body is over ${largestBodyBytes} bytes: send less`;
    return { refusal: new Refusal('payload_too_large', message) };
  }
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown };
  } catch {
    const message = 'the body is not JSON: check quotes, commas and the encoding (UTF-8)';
    return { refusal: new Refusal('invalid_json', message) };
  }
}

/**
 * The JSON body of a request that is nothing without one.
 * @param asBeacon as for `parseJson`.
 * @throws {Refusal} 415, 413 or 400.
 */
export function readJson(event: APIGatewayProxyEventV2, asBeacon: boolean): unknown {
  return valueOf(parseJson(event, { asBeacon }));
}
