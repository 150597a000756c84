import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Refusal } from '../../../core/refusal.ts';

/** The largest request body. Bytes. */
const largestBodyBytes = 64 * 1024;

/** A page that closes can send JSON only as text: another type asks the server first, and nobody waits for its answer. */
const beaconType = 'text/plain';

/**
 * The JSON body of a request.
 * @param asBeacon whether it may come as plain text, as `navigator.sendBeacon` sends it.
 * @throws {Refusal} 415, 413 or 400.
 */
export function readJson(event: APIGatewayProxyEventV2, { asBeacon = false } = {}): unknown {
  const type = (event.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  const isJson = type === 'application/json' || /^application\/[\w.-]+\+json$/.test(type);
  if (!isJson && !(asBeacon && type === beaconType)) {
    throw new Refusal(
      'unsupported_media_type',
      'send the body as JSON, with "Content-Type: application/json"',
    );
  }
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (body.length > largestBodyBytes) {
    throw new Refusal('payload_too_large', `the body is over ${largestBodyBytes} bytes: send less`);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch {
    throw new Refusal('invalid_json', 'the body is not JSON: check quotes, commas and the encoding (UTF-8)');
  }
}
