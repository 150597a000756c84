import { wholeNumber } from '../runtime/environment.ts';

/** What each function reads of its environment for what it tells its operators; lib/config/stage-schema.ts says what it means. */
export const signalsEnvironment = {
  LOG_SAMPLE_PERCENT: wholeNumber(0),
};
