import { randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { Context, LambdaFunctionURLEvent } from 'aws-lambda';
import { SegmentCache } from '../../core/log/segment-reader.ts';
import { ConnectionWatch } from '../../core/connections/connection.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import { ConnectionStore } from '../shared/dynamodb/connection-store.ts';
import { createDocumentClient } from '../shared/dynamodb/client.ts';
import { Environment, tokenSettings } from '../shared/runtime/environment.ts';
import { EventLog } from '../shared/dynamodb/event-log.ts';
import { streamifyResponse } from '../shared/runtime/response-stream.ts';
import { reportTrouble } from '../shared/runtime/trouble.ts';
import { RevocationStore } from '../shared/dynamodb/revocation-store.ts';
import { createTokenVerifier } from '../shared/auth/verifier.ts';
import { WorkspaceCount } from '../shared/dynamodb/workspace-count.ts';
import { Admissions } from './admissions.ts';
import { StreamServer } from './server.ts';
import { WorkspaceRoom } from './workspace-room.ts';

const environment = new Environment();
const client = createDocumentClient();
const connectionsTable = environment.text('CONNECTIONS_TABLE');
const connections = new ConnectionStore(client, connectionsTable);

/** What the process may remember of logs: as JavaScript holds it, with what was encoded, it is up to six times that. */
const cacheBytes = (environment.integer('AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 128) * 1024 * 1024) / 32;

const server = new StreamServer({
  verifier: createTokenVerifier(tokenSettings(environment)),
  tokenHeader: environment.text('TOKEN_HEADER'),
  admissions: new Admissions({
    connections,
    revocations: new RevocationStore(client, connectionsTable),
    room: new WorkspaceRoom({
      connections,
      counts: new WorkspaceCount(client, connectionsTable),
      perWorkspace: environment.integer('CONNECTIONS_PER_WORKSPACE', 1),
      clock: systemClock,
    }),
    limits: { perUser: environment.integer('CONNECTIONS_PER_USER', 1) },
    clock: systemClock,
    random: Math.random,
  }),
  connections,
  // One of each per process: all its streams share them.
  watch: new ConnectionWatch(
    {
      readStates: (keys, consistent) => connections.readStates(keys, consistent),
      // The watch asks again and tells nobody.
      readDrain: () =>
        connections.readDrain().catch((error: unknown) => {
          reportTrouble('the drain marker cannot be read', error);
          throw error;
        }),
    },
    systemClock,
  ),
  cache: new SegmentCache(new EventLog(client, environment.text('EVENTS_TABLE')), {
    clock: systemClock,
    random: Math.random,
    pollMinMs: environment.integer('POLL_MIN_MS', 1),
    pollMaxMs: environment.integer('POLL_MAX_MS', 1),
    cacheBytes,
  }),
  clock: systemClock,
  random: Math.random,
  newConnectionId: randomUUID,
  sessionMs: environment.integer('SESSION_SECONDS', 1) * 1000,
  heartbeatMs: environment.integer('HEARTBEAT_SECONDS', 1) * 1000,
  slowReaderMs: environment.integer('SLOW_READER_SECONDS', 1) * 1000,
  retryMs: [environment.integer('RETRY_MIN_MS', 1), environment.integer('RETRY_MAX_MS', 1)],
  paddingBytes: environment.integer('PADDING_BYTES', 0),
});

/** `GET /sse/connect`, behind a Function URL in response-streaming mode. */
export const handler = streamifyResponse(
  (event: LambdaFunctionURLEvent, stream: Writable, context: Context) => server.serve(event, stream, context),
);
