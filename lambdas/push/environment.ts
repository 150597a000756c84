import { text } from '../shared/runtime/environment.ts';
import { signalsEnvironment } from '../shared/signals/environment.ts';

/** What the function that pushes reads of its environment. */
export const pushEnvironment = {
  ...signalsEnvironment,
  EVENTS_TABLE: text,
  CONNECTIONS_TABLE: text,
  /** Address of the stage of the WebSocket API, for what is done with open connections. */
  SOCKETS_ENDPOINT: text,
};

/** What Lambda itself sets there. */
export const lambdaEnvironment = {
  /** Its own name, by which it orders the next page. */
  AWS_LAMBDA_FUNCTION_NAME: text,
};
