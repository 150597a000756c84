import { text, wholeNumber } from '../shared/runtime/environment.ts';
import { signalsEnvironment } from '../shared/signals/environment.ts';

/** What the fan-out reads of its environment. */
export const fanOutEnvironment = {
  ...signalsEnvironment,
  EVENTS_TABLE: text,
  CONNECTIONS_TABLE: text,
  /** The function that pushes to WebSockets, by its name. */
  PUSH_FUNCTION: text,
  /** How far back a client can resume. */
  HISTORY_SECONDS: wholeNumber(1),
};
