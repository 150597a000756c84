import {
  correlationHeader,
  edgeTokenHeader,
  errorsHeader,
  idempotencyKeyHeader,
  ifMatchHeader,
  lastEventIdHeader,
} from '../../protocol/headers.ts';
import fc from 'fast-check';
import { placeNames } from './values.ts';

const headerText = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
  maxLength: 40,
});

const header = (name: string, ...sensible: string[]): fc.Arbitrary<readonly [string, string]> =>
  fc
    .oneof({ weight: 3, arbitrary: fc.constantFrom(...sensible) }, headerText)
    .map((value) => [name, value] as const);

/** Headers that mean something to somebody. */
export const extraHeaders = fc.array(
  fc.oneof(
    header(ifMatchHeader, '*', '"1"', '"2"', 'W/"1"', '"1", "2"'),
    header(idempotencyKeyHeader, 'key-1', 'key-2', 'x'.repeat(256)),
    header(
      lastEventIdHeader,
      placeNames.cursor,
      `${placeNames.cursor}.end`,
      '0.1.0.0.000000000000',
      '0.1.0.0.000000000000.end',
      'nonsense',
    ),
    header(errorsHeader, 'status'),
    header(correlationHeader, 'request-1', 'x'.repeat(65), '3 request-1'),
    header(edgeTokenHeader, 'Bearer x'),
    header('x-http-method-override', 'DELETE'),
    header('origin', 'null', 'https://evil.example'),
    header('access-control-request-method', 'GET', 'PATCH'),
    header('accept', 'text/event-stream', '*/*'),
    header('range', 'bytes=0-1'),
    header('cookie', 'token=x', '__proto__=1'),
    header('content-encoding', 'gzip', 'identity'),
    header('accept-encoding', 'gzip', 'br;q=9'),
    header('x-forwarded-for', '127.0.0.1', "' OR 1=1"),
    header('__proto__', 'x'),
  ),
  { maxLength: 3 },
);

/** The type that a body is said to have. */
export const contentType = fc.oneof(
  { weight: 24, arbitrary: fc.constant('application/json') },
  fc.constantFrom('text/plain', 'application/json; charset=utf-16', 'application/x-www-form-urlencoded', ''),
  headerText,
);
