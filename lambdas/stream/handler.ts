import { randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { Context, LambdaFunctionURLEvent } from 'aws-lambda';
import { AwarenessFeed } from '../../core/awareness/feed.ts';
import { SegmentReader } from '../../core/log/segment-reader.ts';
import { ConnectionWatch } from '../../core/connections/connection-watch.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import { StoredConnectionStates } from '../shared/dynamodb/connection-states.ts';
import { createDocumentClient } from '../shared/dynamodb/client.ts';
import { readEnvironment } from '../shared/runtime/environment.ts';
import { EventLog } from '../shared/dynamodb/event-log.ts';
import { streamifyResponse } from './streamed-answer.ts';
import { Signals } from '../shared/signals/signals.ts';
import { PresenceStore } from '../shared/dynamodb/presence-store.ts';
import { StoredTasks } from '../shared/dynamodb/stored-tasks.ts';
import { createEnds } from '../shared/web-socket/create-ends.ts';
import { whoIsThere } from '../shared/awareness/who-is-there.ts';
import { createEntrance } from '../shared/admission/create-entrance.ts';
import { lambdaHost, requestOf } from './lambda-host.ts';
import { StreamServer } from './server.ts';
import { streamEnvironment, lambdaEnvironment } from './environment.ts';

const environment = readEnvironment(streamEnvironment);
const signals = new Signals(environment.LOG_SAMPLE_PERCENT);
const { observer } = signals;
const client = createDocumentClient(signals.consumed);
const connectionsTable = environment.CONNECTIONS_TABLE;

/** What the process may remember of logs: as JavaScript holds it, with what was encoded, it is up to six times that. */
const cacheBytes = (readEnvironment(lambdaEnvironment).AWS_LAMBDA_FUNCTION_MEMORY_SIZE * 1024 * 1024) / 32;

const clock = systemClock;
const random = Math.random;
const tasks = new StoredTasks(client, environment.TASKS_TABLE);
const presence = new PresenceStore(client, connectionsTable);
const ends = createEnds(client, environment, { observer, clock });

const server = new StreamServer(
  {
    tokenHeader: environment.TOKEN_HEADER,
    sessionMs: environment.SESSION_SECONDS * 1000,
    heartbeatMs: environment.HEARTBEAT_SECONDS * 1000,
    slowReaderMs: environment.SLOW_READER_SECONDS * 1000,
    retryMs: [environment.RETRY_MIN_MS, environment.RETRY_MAX_MS],
    paddingBytes: environment.PADDING_BYTES,
  },
  {
    ...createEntrance(client, environment, ends, { clock, random }),
    connections: ends.connections,
    // One of each per process: all its streams share them.
    watch: new ConnectionWatch(new StoredConnectionStates(client, connectionsTable), { clock, observer }),
    reader: new SegmentReader(new EventLog(client, environment.EVENTS_TABLE), {
      clock,
      random,
      pollMinMs: environment.POLL_MIN_MS,
      pollMaxMs: environment.POLL_MAX_MS,
      cacheBytes,
      observer,
    }),
    tasks,
    awareness: {
      feed: new AwarenessFeed(presence, { clock, random, observer }),
      look: (workspace) => whoIsThere(workspace, { presence, tasks, now: () => clock.now() }),
    },
    observer,
    clock,
    random,
    newConnectionId: randomUUID,
  },
);

/** `GET /sse/connect`, behind a Function URL in response-streaming mode. */
export const handler = streamifyResponse(
  (event: LambdaFunctionURLEvent, stream: Writable, context: Context) =>
    signals.during(context, () => server.serve(requestOf(event, context, clock.now()), lambdaHost(stream))),
);
