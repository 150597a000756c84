import { text, wholeNumber } from '../shared/runtime/environment.ts';
import { signalsEnvironment } from '../shared/signals/environment.ts';

/** What the canary reads of its environment. */
export const canaryEnvironment = {
  ...signalsEnvironment,
  /** Where clients reach the API, and where the stream; with the edge on they are the same. */
  API_URL: text,
  STREAM_URL: text,
  /** Name of the parameter that holds its credential. */
  CREDENTIAL_PARAMETER: text,
  /** The most that a run takes before it is given up and cleaned up. */
  PROBE_SECONDS: wholeNumber(1),
};
