import { tokenEnvironment } from '../shared/auth/environment.ts';
import { text } from '../shared/runtime/environment.ts';

/** What the function that looks after streams reads of its environment. */
export const connectionsEnvironment = { ...tokenEnvironment, CONNECTIONS_TABLE: text };
