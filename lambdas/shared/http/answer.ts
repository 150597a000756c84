import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** What a function of the HTTP API answers. */
export type Answer = APIGatewayProxyStructuredResultV2;

/** Codes of the errors that the HTTP API answers; docs/PROTOCOL.md lists them. */
export type ErrorCode =
  | 'invalid_json'
  | 'invalid_field'
  | 'unknown_field'
  | 'invalid_task_id'
  | 'invalid_parameter'
  | 'invalid_cursor'
  | 'invalid_header'
  | 'forbidden'
  | 'task_not_found'
  | 'connection_not_found'
  | 'not_found'
  | 'method_not_allowed'
  | 'idempotency_key_reused'
  | 'conflict'
  | 'version_mismatch'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'throttled'
  | 'user_limit'
  | 'workspace_limit'
  | 'internal'
  | 'unavailable';

/** A request that cannot be served; becomes an answer with its status and code. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  /** @param message what is wrong and what to do; the client sees it. */
  constructor(
    status: number,
    code: ErrorCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** A JSON answer that no cache keeps. */
export function answerJson(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}

/** The answer to a request that failed. */
export function answerError(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return answerJson(status, { error: message, code }, headers);
}

/** 401 as RFC 6750 wants it. */
export function answerUnauthorized(code: string, message: string): Answer {
  return answerError(401, code, message, { 'www-authenticate': 'Bearer' });
}
