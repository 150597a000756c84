import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ErrorBody, ErrorCode } from '../../../protocol/errors.ts';
import { errorStatuses } from '../../../protocol/errors.ts';

/** What a function of the HTTP API answers. */
export type Answer = APIGatewayProxyStructuredResultV2;

type Headers = Readonly<Record<string, string>>;

/** A JSON answer that no cache keeps. */
export function answerJson(status: number, body: unknown, headers: Headers = {}): Answer {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}

/** The answer to a request that failed. */
export function answerError(code: ErrorCode, error: string, headers: Headers = {}): Answer {
  const status = errorStatuses[code];
  // Source: RFC 6750, 3.
  const challenge: Headers = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  const body: ErrorBody = { error, code };
  return answerJson(status, body, { ...challenge, ...headers });
}
