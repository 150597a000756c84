import { tokenEnvironment } from '../shared/auth/environment.ts';
import { text } from '../shared/runtime/environment.ts';
import { signalsEnvironment } from '../shared/signals/environment.ts';

/** What the function of the tasks API reads of its environment. */
export const tasksEnvironment = {
  ...tokenEnvironment,
  ...signalsEnvironment,
  TASKS_TABLE: text,
  CONNECTIONS_TABLE: text,
  EVENTS_TABLE: text,
  /** The function that pushes to WebSockets, by its name. */
  PUSH_FUNCTION: text,
};
