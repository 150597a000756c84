import { randomUUID } from 'node:crypto';
import { AwarenessFeed } from '../../core/awareness/feed.ts';
import { EndFeed } from '../../core/connections/end-feed.ts';
import { SegmentReader } from '../../core/log/segment-reader.ts';
import { CatchUpTurns } from '../../core/session/catch-up-turns.ts';
import { createEntrance } from '../shared/admission/create-entrance.ts';
import { whoIsThere } from '../shared/awareness/who-is-there.ts';
import { createDocumentClient } from '../shared/dynamodb/client.ts';
import { EventLog } from '../shared/dynamodb/event-log.ts';
import { GatheredItems } from '../shared/dynamodb/gathered-items.ts';
import { PresenceStore } from '../shared/dynamodb/presence-store.ts';
import { StoredEnds } from '../shared/dynamodb/stored-ends.ts';
import { StoredTasks } from '../shared/dynamodb/stored-tasks.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import type { EnvironmentValues } from '../shared/runtime/environment.ts';
import type { Signals } from '../shared/signals/signals.ts';
import { createEnds } from '../shared/web-socket/create-ends.ts';
import type { streamEnvironment } from './environment.ts';
import type { StreamSettings } from './server.ts';
import { StreamServer } from './server.ts';

type StreamEnvironment = EnvironmentValues<typeof streamEnvironment>;

/**
 * The part of a process's memory that may hold what it remembers of logs, characters of JSON for each byte of memory: as
 * JavaScript holds it, with what was encoded, it is up to six times that.
 */
const cacheShare = 1 / 32;

/**
 * Makes what serves streams, once a process: all its streams share it.
 * @param memoryBytes memory of the process.
 */
export function createStreamServer(
  environment: StreamEnvironment,
  signals: Pick<Signals, 'observer' | 'consumed'>,
  memoryBytes: number,
): StreamServer {
  const { observer } = signals;
  const client = createDocumentClient(signals.consumed);
  const connectionsTable = environment.CONNECTIONS_TABLE;
  const clock = systemClock;
  const random = Math.random;
  const tasks = new StoredTasks(client, environment.TASKS_TABLE);
  const presence = new PresenceStore(client, connectionsTable);
  const gathered = (table: string, sortKey: string): GatheredItems =>
    new GatheredItems({ client, table, keyNames: ['workspace', sortKey], clock, random });
  const items = gathered(connectionsTable, 'connection');
  const log = new EventLog(client, environment.EVENTS_TABLE, gathered(environment.EVENTS_TABLE, 'segment'));
  const ends = createEnds(client, environment, { observer, clock, items });
  return new StreamServer(settingsOf(environment), {
    ...createEntrance(client, environment, ends, { clock, random, items }),
    connections: ends.connections,
    ends: new EndFeed(new StoredEnds(client, connectionsTable), { clock, random, observer }),
    reader: new SegmentReader(log, {
      clock,
      random,
      pollMinMs: environment.POLL_MIN_MS,
      pollMaxMs: environment.POLL_MAX_MS,
      cacheBytes: memoryBytes * cacheShare,
      observer,
    }),
    turns: new CatchUpTurns(),
    tasks,
    awareness: {
      feed: new AwarenessFeed(presence, { clock, random, observer }),
      look: (workspace) => whoIsThere(workspace, { presence, tasks, now: () => clock.now() }),
    },
    observer,
    clock,
    random,
    newConnectionId: randomUUID,
  });
}

function settingsOf(environment: StreamEnvironment): StreamSettings {
  return {
    tokenHeader: environment.TOKEN_HEADER,
    sessionMs: environment.SESSION_SECONDS * 1000,
    heartbeatMs: environment.HEARTBEAT_SECONDS * 1000,
    slowReaderMs: environment.SLOW_READER_SECONDS * 1000,
    retryMs: [environment.RETRY_MIN_MS, environment.RETRY_MAX_MS],
    paddingBytes: environment.PADDING_BYTES,
  };
}
