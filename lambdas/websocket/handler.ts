import { randomUUID } from 'node:crypto';
import { SegmentReader } from '../../core/log/segment-reader.ts';
import { Admissions } from '../shared/admission/admissions.ts';
import { WorkspaceRoom } from '../shared/admission/workspace-room.ts';
import { Credentials } from '../shared/auth/credentials.ts';
import { tokenSettings } from '../shared/auth/environment.ts';
import { createTokenVerifier } from '../shared/auth/verifier.ts';
import { createDocumentClient } from '../shared/dynamodb/client.ts';
import { DrainMarker } from '../shared/dynamodb/drain-marker.ts';
import { EventLog } from '../shared/dynamodb/event-log.ts';
import { OpenConnections } from '../shared/dynamodb/open-connections.ts';
import { RevocationStore } from '../shared/dynamodb/revocation-store.ts';
import { StoredTasks } from '../shared/dynamodb/stored-tasks.ts';
import { TicketStore } from '../shared/dynamodb/ticket-store.ts';
import { WorkspaceCount } from '../shared/dynamodb/workspace-count.ts';
import type { Answer } from '../shared/http/answer.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import { readEnvironment } from '../shared/runtime/environment.ts';
import { logObserver } from '../shared/runtime/log-observer.ts';
import { createEnds } from '../shared/web-socket/create-ends.ts';
import { createDelivery } from '../shared/web-socket/create-delivery.ts';
import { Conversation } from './conversation.ts';
import { webSocketEnvironment } from './environment.ts';
import type { SocketEvent } from './event.ts';
import { SocketServer } from './server.ts';

const environment = readEnvironment(webSocketEnvironment);
const client = createDocumentClient();
const table = environment.CONNECTIONS_TABLE;
const settings = tokenSettings(environment);
const clock = systemClock;
const now = (): number => clock.now();
const random = Math.random;
const observer = logObserver;

/** What the process may remember of logs, characters of JSON. */
const cacheBytes = 8 * 1024 * 1024;

/** How long it is tried to send one frame, milliseconds: its client sees by itself that it lacks one. */
const sendMs = 5000;

const openConnections = new OpenConnections(client, table);
const { connections, openSockets, subscribers, socketEnds, ends } = createEnds(client, environment, observer);
const delivery = createDelivery(environment.SOCKETS_ENDPOINT);
const send = (socket: string, text: string): Promise<boolean> =>
  delivery.send(socket, [text], clock.now() + sendMs);

const admissions = new Admissions({
  connections,
  ends,
  openConnections,
  revocations: new RevocationStore(client, table),
  room: new WorkspaceRoom({
    openConnections,
    counts: new WorkspaceCount(client, table),
    perWorkspace: environment.CONNECTIONS_PER_WORKSPACE,
    clock,
  }),
  limits: { perUser: environment.CONNECTIONS_PER_USER },
  clock,
  random,
});

const credentials = new Credentials({
  verifier: createTokenVerifier(settings),
  tickets: new TicketStore(client, table),
  tokenLifeSeconds: settings.tokenLifeSeconds,
  now,
});

const conversation = new Conversation({
  openSockets,
  subscribers,
  send,
  // It never waits for what is to come, so that it polls nothing.
  reader: new SegmentReader(new EventLog(client, environment.EVENTS_TABLE), {
    clock,
    random,
    pollMinMs: 1000,
    pollMaxMs: 1000,
    cacheBytes,
  }),
  tasks: new StoredTasks(client, environment.TASKS_TABLE),
  clock,
  random,
  observer,
});

const drain = new DrainMarker(client, table);
const server = new SocketServer({
  connect: {
    tokenHeader: environment.TOKEN_HEADER,
    credentials,
    admissions,
    openSockets,
    ends: socketEnds,
    now,
    newConnectionId: randomUUID,
  },
  conversation,
  openSockets,
  ends: socketEnds,
  send,
  readDrain: () => drain.read(),
  observer,
  clock,
});

/** The routes `$connect`, `$disconnect` and `$default` of the WebSocket API. */
export const handler = (event: SocketEvent): Promise<Answer> => server.serve(event);
