import { randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { Context, LambdaFunctionURLEvent } from 'aws-lambda';
import { SegmentReader } from '../../core/log/segment-reader.ts';
import { ConnectionWatch } from '../../core/connections/connection-watch.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import { StoredConnectionStates } from '../shared/dynamodb/connection-states.ts';
import { OpenConnections } from '../shared/dynamodb/open-connections.ts';
import { createDocumentClient } from '../shared/dynamodb/client.ts';
import { tokenSettings } from '../shared/auth/environment.ts';
import { readEnvironment } from '../shared/runtime/environment.ts';
import { EventLog } from '../shared/dynamodb/event-log.ts';
import { streamifyResponse } from './streamed-answer.ts';
import { logObserver } from '../shared/runtime/log-observer.ts';
import { RevocationStore } from '../shared/dynamodb/revocation-store.ts';
import { TicketStore } from '../shared/dynamodb/ticket-store.ts';
import { Credentials } from '../shared/auth/credentials.ts';
import { createTokenVerifier } from '../shared/auth/verifier.ts';
import { StoredTasks } from '../shared/dynamodb/stored-tasks.ts';
import { WorkspaceCount } from '../shared/dynamodb/workspace-count.ts';
import { createEnds } from '../shared/web-socket/create-ends.ts';
import { Admissions } from '../shared/admission/admissions.ts';
import { lambdaHost, requestOf } from './lambda-host.ts';
import { StreamServer } from './server.ts';
import { WorkspaceRoom } from '../shared/admission/workspace-room.ts';
import { streamEnvironment, lambdaEnvironment } from './environment.ts';

const environment = readEnvironment(streamEnvironment);
const client = createDocumentClient();
const connectionsTable = environment.CONNECTIONS_TABLE;
const openConnections = new OpenConnections(client, connectionsTable);

/** What the process may remember of logs: as JavaScript holds it, with what was encoded, it is up to six times that. */
const cacheBytes = (readEnvironment(lambdaEnvironment).AWS_LAMBDA_FUNCTION_MEMORY_SIZE * 1024 * 1024) / 32;

const clock = systemClock;
const settings = tokenSettings(environment);
const random = Math.random;
const observer = logObserver;
const { connections, ends } = createEnds(client, environment, observer);

const admissions = new Admissions({
  connections,
  ends,
  openConnections,
  revocations: new RevocationStore(client, connectionsTable),
  room: new WorkspaceRoom({
    openConnections,
    counts: new WorkspaceCount(client, connectionsTable),
    perWorkspace: environment.CONNECTIONS_PER_WORKSPACE,
    clock,
  }),
  limits: { perUser: environment.CONNECTIONS_PER_USER },
  clock,
  random,
});

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
    credentials: new Credentials({
      verifier: createTokenVerifier(settings),
      tickets: new TicketStore(client, connectionsTable),
      tokenLifeSeconds: settings.tokenLifeSeconds,
      now: () => clock.now(),
    }),
    admissions,
    connections,
    // One of each per process: all its streams share them.
    watch: new ConnectionWatch(new StoredConnectionStates(client, connectionsTable), { clock, observer }),
    reader: new SegmentReader(new EventLog(client, environment.EVENTS_TABLE), {
      clock,
      random,
      pollMinMs: environment.POLL_MIN_MS,
      pollMaxMs: environment.POLL_MAX_MS,
      cacheBytes,
    }),
    tasks: new StoredTasks(client, environment.TASKS_TABLE),
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
