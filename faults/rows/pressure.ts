import type { Row } from '../row.ts';
import { replayHistory } from './history.ts';
import { stallReaders } from './stalled.ts';
import { storm } from './storm.ts';

/** Load: what many clients, slow clients and long histories do to the others and to memory. */
export const pressureRows: readonly Row[] = [
  { name: 'readers that stall', profile: 'pressure', run: stallReaders },
  { name: 'long history', profile: 'pressure', run: replayHistory },
  // The last one: it leaves sessions behind, as clients that are cut do.
  { name: 'reconnect storm', profile: 'pressure', run: storm },
];
