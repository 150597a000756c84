import type { Row } from '../matrix/row.ts';
import { replayHistory } from './history.ts';
import { stallReaders } from './stalled.ts';
import { storm } from './storm.ts';

/** Load: what many clients, slow clients and long histories do to the others and to memory. */
export const pressureRows: readonly Row[] = [
  { name: 'readers that stall', profile: 'stalled readers', run: stallReaders },
  { name: 'long history', profile: 'load', run: replayHistory },
  // The last one: it leaves sessions behind, as clients that are cut do.
  { name: 'reconnect storm', profile: 'load', run: storm },
];
