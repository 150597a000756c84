import { tokenEnvironment } from '../shared/auth/environment.ts';
import { text, wholeNumber } from '../shared/runtime/environment.ts';
import { signalsEnvironment } from '../shared/signals/environment.ts';

/** What the stream function reads of its environment; lib/config/stage-schema.ts says what each setting means. */
export const streamEnvironment = {
  ...tokenEnvironment,
  ...signalsEnvironment,
  EVENTS_TABLE: text,
  CONNECTIONS_TABLE: text,
  TASKS_TABLE: text,
  /** Address of the WebSocket API's stage: a stream may take the place of a WebSocket. */
  SOCKETS_ENDPOINT: text,
  SESSION_SECONDS: wholeNumber(1),
  CONNECTIONS_PER_USER: wholeNumber(1),
  CONNECTIONS_PER_WORKSPACE: wholeNumber(1),
  HEARTBEAT_SECONDS: wholeNumber(1),
  SLOW_READER_SECONDS: wholeNumber(1),
  POLL_MIN_MS: wholeNumber(1),
  POLL_MAX_MS: wholeNumber(1),
  PADDING_BYTES: wholeNumber(0),
  RETRY_MIN_MS: wholeNumber(1),
  RETRY_MAX_MS: wholeNumber(1),
};

/** What Lambda adds: the function's memory, MB. */
export const lambdaEnvironment = { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: wholeNumber(128) };
