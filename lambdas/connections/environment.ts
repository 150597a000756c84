import { tokenEnvironment } from '../shared/auth/environment.ts';
import { text, wholeNumber } from '../shared/runtime/environment.ts';

/** What the function that looks after streams reads of its environment. */
export const connectionsEnvironment = {
  ...tokenEnvironment,
  CONNECTIONS_TABLE: text,
  /** How long a ticket lives. */
  TICKET_SECONDS: wholeNumber(1),
};
