import type { Observer } from '../../../core/observer.ts';
import { reportTrouble } from './trouble.ts';

/** Writes what happens into the function's log. */
export const logObserver: Observer = {
  opened: (connection) => console.debug({ message: 'session opened', connection }),
  resumed: (connection, resume) => console.debug({ message: 'session resumed', connection, ...resume }),
  ended: (connection, reason, afterMs) =>
    console.info({ message: 'session ended', reason, connection, seconds: afterMs / 1000 }),
  appended: (workspace, changes) => console.debug({ message: 'changes appended', workspace, changes }),
  trouble: reportTrouble,
};
