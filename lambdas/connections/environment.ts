import { tokenEnvironment } from '../shared/auth/environment.ts';
import { text, wholeNumber } from '../shared/runtime/environment.ts';
import { signalsEnvironment } from '../shared/signals/environment.ts';

/** What the function that looks after streams reads of its environment. */
export const connectionsEnvironment = {
  ...tokenEnvironment,
  ...signalsEnvironment,
  CONNECTIONS_TABLE: text,
  /** Address of the WebSocket API's stage, for ending WebSockets. */
  SOCKETS_ENDPOINT: text,
  /** How long a ticket lives. */
  TICKET_SECONDS: wholeNumber(1),
};
