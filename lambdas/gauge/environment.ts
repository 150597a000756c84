import { text, wholeNumber } from '../shared/runtime/environment.ts';
import { signalsEnvironment } from '../shared/signals/environment.ts';

/** What the gauge reads of its environment. */
export const gaugeEnvironment = {
  ...signalsEnvironment,
  CONNECTIONS_TABLE: text,
  /** The most that it takes to read the table before that is given up. */
  SCAN_SECONDS: wholeNumber(1),
};
