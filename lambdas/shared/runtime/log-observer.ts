import type { Observer } from '../../../core/observer.ts';
import { KeyNotKnownYet } from '../auth/key-set.ts';
import { reportTrouble } from './trouble.ts';

/** Writes what happens into the function's log. */
export const logObserver: Observer = {
  opened: (connection, resume) => console.debug({ message: 'session opened', connection, ...resume }),
  ended: (connection, reason, afterMs) =>
    console.info({ message: 'session ended', reason, connection, seconds: afterMs / 1000 }),
  trouble: (what, error) => {
    // Who sends forged tokens rings no alarm.
    if (error instanceof KeyNotKnownYet) console.info({ message: error.message });
    else reportTrouble(what, error);
  },
};
