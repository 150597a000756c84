import { text } from '../shared/runtime/environment.ts';

/** What the way back of the sign-in reads of its environment. */
export const signInEnvironment = {
  /** The page, with a slash at its end. */
  PAGE_URL: text,
};
