import { randomUUID } from 'node:crypto';
import { SegmentReader } from '../../core/log/segment-reader.ts';
import { createAwareness } from '../shared/awareness/create-awareness.ts';
import { createEntrance } from '../shared/admission/create-entrance.ts';
import { createDocumentClient } from '../shared/dynamodb/client.ts';
import { DrainMarker } from '../shared/dynamodb/drain-marker.ts';
import { EventLog } from '../shared/dynamodb/event-log.ts';
import { PresenceStore } from '../shared/dynamodb/presence-store.ts';
import { StoredTasks } from '../shared/dynamodb/stored-tasks.ts';
import type { Answer } from '../shared/http/answer.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import { readEnvironment } from '../shared/runtime/environment.ts';
import { observed, Signals } from '../shared/signals/signals.ts';
import { createEnds } from '../shared/web-socket/create-ends.ts';
import { createDelivery } from '../shared/web-socket/create-delivery.ts';
import { Conversation } from './conversation.ts';
import { webSocketEnvironment } from './environment.ts';
import type { SocketEvent } from './event.ts';
import { SocketServer } from './server.ts';

const environment = readEnvironment(webSocketEnvironment);
const signals = new Signals(environment.LOG_SAMPLE_PERCENT);
const { observer } = signals;
const client = createDocumentClient(signals.consumed);
const clock = systemClock;
const random = Math.random;

/** What the process may remember of logs, characters of JSON. */
const cacheBytes = 8 * 1024 * 1024;

/** How long it is tried to send one frame, milliseconds: its client sees by itself that it lacks one. */
const sendMs = 5000;

const ends = createEnds(client, environment, { observer, clock });
const { openSockets, subscribers, socketEnds } = ends;
const delivery = createDelivery(environment.SOCKETS_ENDPOINT);
const send = (socket: string, text: string): Promise<boolean> =>
  delivery.send(socket, [text], clock.now() + sendMs);

const awareness = createAwareness(client, environment, observer);

const conversation = new Conversation({
  openSockets,
  subscribers,
  send,
  awareness,
  said: new PresenceStore(client, environment.CONNECTIONS_TABLE),
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

const drain = new DrainMarker(client, environment.CONNECTIONS_TABLE);
const server = new SocketServer({
  connect: {
    tokenHeader: environment.TOKEN_HEADER,
    ...createEntrance(client, environment, ends, { clock, random }),
    openSockets,
    ends: socketEnds,
    observer,
    now: () => clock.now(),
    newConnectionId: randomUUID,
  },
  conversation,
  openSockets,
  ends: socketEnds,
  send,
  leave: ({ id, principal }) =>
    awareness.view(principal, { viewId: id, state: 'left', task: undefined, leaseSeconds: 0 }),
  readDrain: () => drain.read(),
  observer,
  clock,
});

/** The routes `$connect`, `$disconnect` and `$default` of the WebSocket API. */
export const handler = observed(signals, (event: SocketEvent): Promise<Answer> => server.serve(event));
