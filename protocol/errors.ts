/** Why a token is refused: 401. */
export const tokenErrors = {
  token_missing: 401,
  token_malformed: 401,
  token_expired: 401,
  token_invalid: 401,
  token_revoked: 401,
  token_unusable: 401,
  token_too_long_lived: 401,
} as const;

export type TokenError = keyof typeof tokenErrors;

/** The codes of all errors, each with the status of its answer; the tables in docs/PROTOCOL.md say the same. */
export const errorStatuses = {
  ...tokenErrors,
  invalid_json: 400,
  invalid_field: 400,
  unknown_field: 400,
  invalid_task_id: 400,
  invalid_parameter: 400,
  invalid_cursor: 400,
  invalid_header: 400,
  forbidden: 403,
  task_not_found: 404,
  connection_not_found: 404,
  subscription_unknown: 404,
  not_found: 404,
  method_not_allowed: 405,
  idempotency_key_reused: 409,
  conflict: 409,
  version_mismatch: 412,
  payload_too_large: 413,
  unsupported_media_type: 415,
  throttled: 429,
  user_limit: 429,
  workspace_limit: 429,
  internal: 500,
  unavailable: 503,
} as const;

export type ErrorCode = keyof typeof errorStatuses;

/** The body of an answer that is an error. */
export interface ErrorBody {
  /** What is wrong and what to do; for people. */
  readonly error: string;
  /** Stable; for programs. */
  readonly code: ErrorCode;
}
