import { text, wholeNumber } from '../shared/runtime/environment.ts';

/** What the fan-out reads of its environment. */
export const fanOutEnvironment = {
  EVENTS_TABLE: text,
  /** How far back a client can resume. */
  HISTORY_SECONDS: wholeNumber(1),
};
