import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectOnce = runInNewContext('gc') as () => void;

/**
 * Clears away what is not in use, for whoever wants to know what is. Twice: the first collection frees buffers in the
 * background, and the second begins when that is done.
 */
export function collectGarbage(): void {
  collectOnce();
  collectOnce();
}
