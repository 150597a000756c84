import { tokenEnvironment } from '../shared/auth/environment.ts';
import { text, wholeNumber } from '../shared/runtime/environment.ts';
import { signalsEnvironment } from '../shared/signals/environment.ts';

/** What the function of the WebSocket reads of its environment. */
export const webSocketEnvironment = {
  ...tokenEnvironment,
  ...signalsEnvironment,
  EVENTS_TABLE: text,
  CONNECTIONS_TABLE: text,
  TASKS_TABLE: text,
  /** The function that pushes, by its name. */
  PUSH_FUNCTION: text,
  /** Address of the API's stage, for what is done with open connections. */
  SOCKETS_ENDPOINT: text,
  CONNECTIONS_PER_USER: wholeNumber(1),
  CONNECTIONS_PER_WORKSPACE: wholeNumber(1),
};
