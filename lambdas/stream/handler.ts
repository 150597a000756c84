import { randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { Context, LambdaFunctionURLEvent } from 'aws-lambda';
import { SegmentReader } from '../../core/log/segment-reader.ts';
import { ConnectionWatch } from '../../core/connections/connection-watch.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import { ConnectionStore } from '../shared/dynamodb/connection-store.ts';
import { createDocumentClient } from '../shared/dynamodb/client.ts';
import { Environment, tokenSettings } from '../shared/runtime/environment.ts';
import { EventLog } from '../shared/dynamodb/event-log.ts';
import { streamifyResponse } from './streamed-answer.ts';
import { logObserver } from '../shared/runtime/log-observer.ts';
import { RevocationStore } from '../shared/dynamodb/revocation-store.ts';
import { createTokenVerifier } from '../shared/auth/verifier.ts';
import { WorkspaceCount } from '../shared/dynamodb/workspace-count.ts';
import { Admissions } from './admissions.ts';
import { lambdaHost, requestOf } from './lambda-host.ts';
import { StreamServer } from './server.ts';
import { WorkspaceRoom } from './workspace-room.ts';

const environment = new Environment();
const client = createDocumentClient();
const connectionsTable = environment.text('CONNECTIONS_TABLE');
const connections = new ConnectionStore(client, connectionsTable);

/** What the process may remember of logs: as JavaScript holds it, with what was encoded, it is up to six times that. */
const cacheBytes = (environment.integer('AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 128) * 1024 * 1024) / 32;

const clock = systemClock;
const random = Math.random;
const observer = logObserver;

const admissions = new Admissions({
  connections,
  revocations: new RevocationStore(client, connectionsTable),
  room: new WorkspaceRoom({
    connections,
    counts: new WorkspaceCount(client, connectionsTable),
    perWorkspace: environment.integer('CONNECTIONS_PER_WORKSPACE', 1),
    clock,
  }),
  limits: { perUser: environment.integer('CONNECTIONS_PER_USER', 1) },
  clock,
  random,
});

const server = new StreamServer(
  {
    tokenHeader: environment.text('TOKEN_HEADER'),
    sessionMs: environment.integer('SESSION_SECONDS', 1) * 1000,
    heartbeatMs: environment.integer('HEARTBEAT_SECONDS', 1) * 1000,
    slowReaderMs: environment.integer('SLOW_READER_SECONDS', 1) * 1000,
    retryMs: [environment.integer('RETRY_MIN_MS', 1), environment.integer('RETRY_MAX_MS', 1)],
    paddingBytes: environment.integer('PADDING_BYTES', 0),
  },
  {
    verifier: createTokenVerifier(tokenSettings(environment)),
    admissions,
    connections,
    // One of each per process: all its streams share them.
    watch: new ConnectionWatch(connections, { clock, observer }),
    reader: new SegmentReader(new EventLog(client, environment.text('EVENTS_TABLE')), {
      clock,
      random,
      pollMinMs: environment.integer('POLL_MIN_MS', 1),
      pollMaxMs: environment.integer('POLL_MAX_MS', 1),
      cacheBytes,
    }),
    observer,
    clock,
    random,
    newConnectionId: randomUUID,
  },
);

/** `GET /sse/connect`, behind a Function URL in response-streaming mode. */
export const handler = streamifyResponse(
  (event: LambdaFunctionURLEvent, stream: Writable, context: Context) =>
    server.serve(requestOf(event, context, clock.now()), lambdaHost(stream)),
);
