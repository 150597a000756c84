import { PageReader } from '../../core/log/page-reader.ts';
import { createDocumentClient } from '../shared/dynamodb/client.ts';
import { EventLog } from '../shared/dynamodb/event-log.ts';
import type { PushOrder } from '../shared/push/push-function.ts';
import { createLambdaClient, PushFunction } from '../shared/push/push-function.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import { readEnvironment } from '../shared/runtime/environment.ts';
import { observed, Signals } from '../shared/signals/signals.ts';
import { createEnds } from '../shared/web-socket/create-ends.ts';
import { createDelivery } from '../shared/web-socket/create-delivery.ts';
import { lambdaEnvironment, pushEnvironment } from './environment.ts';
import { readNewSegments } from './new-segments.ts';
import { Pusher } from './pusher.ts';

/** What is kept of segments, characters of JSON: those before the new ones, of some workspaces. */
const cacheBytes = 8 * 1024 * 1024;

const environment = readEnvironment({ ...pushEnvironment, ...lambdaEnvironment });
const signals = new Signals(environment.LOG_SAMPLE_PERCENT);
const { observer } = signals;
const client = createDocumentClient(signals.consumed);
const log = new EventLog(client, environment.EVENTS_TABLE);
const reader = new PageReader(log, systemClock, cacheBytes);
const { subscribers, socketEnds } = createEnds(client, environment, { observer, clock: systemClock });

const pusher = new Pusher({
  subscribers,
  read: (order) => readNewSegments(order, { readHead: (workspace) => log.readHead(workspace), reader }),
  self: new PushFunction(createLambdaClient(), environment.AWS_LAMBDA_FUNCTION_NAME),
  delivery: createDelivery(environment.SOCKETS_ENDPOINT),
  ends: socketEnds,
  clock: systemClock,
  observer,
});

/** Invoked by the fan-out and by itself, asynchronously: nobody hears what becomes of an order. */
export const handler = observed(signals, (order: PushOrder) => pusher.push(order));
