import { failedBatch } from './changing/failed-batch.ts';
import { padding } from './changing/padding.ts';
import { silence } from './changing/silence.ts';
import type { Experiment } from './experiment.ts';
import { alarmMath } from './on-aws/alarm-math.ts';
import { bill } from './on-aws/bill.ts';
import { coldStarts } from './on-aws/cold-starts.ts';
import { durations } from './on-aws/durations.ts';
import { iteratorAge } from './on-aws/iterator-age.ts';
import { logBytes } from './on-aws/log-bytes.ts';
import { ownAddress } from './on-aws/own-address.ts';
import { ownMetrics } from './on-aws/own-metrics.ts';
import { priceCheck } from './on-aws/price-check.ts';
import { savedQueries } from './on-aws/saved-queries.ts';
import { admission } from './on-stage/admission.ts';
import { emptyAnswer } from './on-stage/empty-answer.ts';
import { heldChunks } from './on-stage/held-chunks.ts';
import { latency } from './on-stage/latency.ts';
import { leaving } from './on-stage/leaving.ts';
import { readTime } from './on-stage/reads.ts';
import { socketFrames, socketIdle, socketLife } from './on-stage/sockets.ts';

/**
 * All experiments, in the order in which they run: those that use a stage first, because those that read its numbers need
 * something to read.
 */
export const experiments: readonly Experiment[] = [
  heldChunks,
  latency,
  admission,
  leaving,
  emptyAnswer,
  socketFrames,
  ownAddress,
  coldStarts,
  socketIdle,
  readTime,
  durations,
  logBytes,
  iteratorAge,
  alarmMath,
  savedQueries,
  ownMetrics,
  priceCheck,
  bill,
  socketLife,
  padding,
  silence,
  failedBatch,
];
