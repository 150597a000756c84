import { tokenEnvironment } from '../shared/auth/environment.ts';
import { optionalText, text, wholeNumber } from '../shared/runtime/environment.ts';
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

/** Where a load balancer asks whether the host of many streams can take requests. */
export const healthPath = '/health';

/** What the host of many streams reads besides. */
export const httpHostEnvironment = {
  /** How long a request may take. */
  REQUEST_SECONDS: wholeNumber(1),
  /** The most streams that a process has at a time. */
  STREAMS_PER_PROCESS: wholeNumber(1),
  /** Memory of the process, MB. */
  MEMORY_MEGABYTES: wholeNumber(1),
  /** How long after SIGTERM the platform ends the process. */
  STOP_SECONDS: wholeNumber(1),
  /** Origins whose pages may call, with commas between them; absent where there is none. */
  ALLOWED_ORIGINS: optionalText,
  /** Where to take requests, `host:port`; absent where Lambda says it. */
  HTTP_ENDPOINT: optionalText,
  /** Where Lambda wants the server of a Web Function to be. */
  AWS_LAMBDA_HTTP_ENDPOINT: optionalText,
};

/** What Lambda adds: the function's memory, MB. */
export const lambdaEnvironment = { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: wholeNumber(128) };
