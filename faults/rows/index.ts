import type { Row } from '../matrix/row.ts';
import { batchRows } from './batches.ts';
import { clientRows } from './clients.ts';
import { connectionTableRows } from './connection-table.ts';
import { connectionWriteRows } from './connection-writes.ts';
import { endingRows } from './endings.ts';
import { fanOutRows } from './fan-out.ts';
import { givenUpRows } from './given-up.ts';
import { isolationRows } from './isolation.ts';
import { issuerRows } from './issuer.ts';
import { limitRows } from './limits.ts';
import { logTroubleRows } from './log-trouble.ts';
import { plannedEndRows } from './planned-ends.ts';
import { presenceRows } from './presence.ts';
import { pressureRows } from './pressure.ts';
import { recordRows } from './records.ts';
import { revocationRows } from './revocations.ts';
import { sharedHostRows } from './shared-hosts.ts';
import { streamRows } from './streams.ts';
import { tableRows } from './tables.ts';
import { webSocketClientRows } from './web-socket-clients.ts';
import { webSocketEndRows } from './web-socket-ends.ts';
import { webSocketRows } from './web-sockets.ts';

/** The matrix, in the order in which it is printed. */
export const rows: readonly Row[] = [
  ...batchRows,
  ...fanOutRows,
  ...tableRows,
  ...recordRows,
  ...givenUpRows,
  ...streamRows,
  ...logTroubleRows,
  ...clientRows,
  ...endingRows,
  ...revocationRows,
  ...connectionTableRows,
  ...connectionWriteRows,
  ...limitRows,
  ...plannedEndRows,
  ...isolationRows,
  ...issuerRows,
  ...webSocketRows,
  ...webSocketClientRows,
  ...webSocketEndRows,
  ...presenceRows,
  ...sharedHostRows,
  ...pressureRows,
];
