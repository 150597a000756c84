import middy from '@middy/core';
import { idempotencyReplayedHeader } from '../../protocol/headers.ts';
import { awarenessRoutes, pathTo, paths, taskRoutes } from '../../protocol/routes.ts';
import { PageReader } from '../../core/log/page-reader.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import { createDocumentClient } from '../shared/dynamodb/client.ts';
import { tokenSettings } from '../shared/auth/environment.ts';
import { readEnvironment } from '../shared/runtime/environment.ts';
import { observed, Signals } from '../shared/signals/signals.ts';
import { EventLog } from '../shared/dynamodb/event-log.ts';
import { RevocationStore } from '../shared/dynamodb/revocation-store.ts';
import { IdempotencyStore } from '../shared/dynamodb/idempotency-store.ts';
import { TaskCounter } from '../shared/dynamodb/task-counter.ts';
import { StoredTasks } from '../shared/dynamodb/stored-tasks.ts';
import { TaskStore } from '../shared/dynamodb/task-store.ts';
import { RevocableTokens } from '../shared/auth/revocable-tokens.ts';
import { createTokenVerifier } from '../shared/auth/verifier.ts';
import type { Answer } from '../shared/http/answer.ts';
import { answerJson } from '../shared/http/answer.ts';
import { correlated } from '../shared/http/correlation.ts';
import type { AuthenticatedEvent } from '../shared/http/middleware.ts';
import { answerErrors, answerPreflight, authenticate, unifyPath } from '../shared/http/middleware.ts';
import { routerOf } from '../shared/http/router.ts';
import { createAwareness } from '../shared/awareness/create-awareness.ts';
import { tokenInBodyOf } from '../shared/http/body-object.ts';
import { notePresence, noteTyping } from './awareness.ts';
import { listEvents, readEventsQuery } from './history.ts';
import { listTasks, readListQuery } from './list.ts';
import { entityTag } from '../../protocol/entity-tag.ts';
import { refuseUnknown } from './query.ts';
import { readTaskId, readTaskWrite } from './request.ts';
import type { Written } from './service.ts';
import { TaskService } from './service.ts';
import { tasksEnvironment } from './environment.ts';

/** What the process may remember of logs, so that one page of a history does not read again what the one before did. */
const historyCacheBytes = 4 * 1024 * 1024;

const environment = readEnvironment(tasksEnvironment);
const signals = new Signals(environment.LOG_SAMPLE_PERCENT);
const { observer } = signals;
const client = createDocumentClient(signals.consumed);
const tokens = new RevocableTokens(
  createTokenVerifier(tokenSettings(environment)),
  new RevocationStore(client, environment.CONNECTIONS_TABLE),
);
const table = environment.TASKS_TABLE;
const tasks = new TaskStore(client, table);
const log = new EventLog(client, environment.EVENTS_TABLE);
const history = {
  reader: new PageReader(log, systemClock, historyCacheBytes),
  tasks: new StoredTasks(client, table),
  clock: systemClock,
};
const awareness = createAwareness(client, environment, observer);
const service = new TaskService(
  { tasks, counter: new TaskCounter(client, table), firstAnswers: new IdempotencyStore(client, table) },
  Date.now,
);

function answerWritten(
  status: number,
  { task, replayed }: Written,
  headers: Record<string, string> = {},
): Answer {
  const replay: Record<string, string> = replayed ? { [idempotencyReplayedHeader]: 'true' } : {};
  return answerJson(status, { task }, { etag: entityTag(task.version), ...headers, ...replay });
}

/** An answer that is replayed tells of a write that an earlier request has made. */
function note({ principal }: AuthenticatedEvent, { task, replayed }: Written): void {
  if (!replayed) observer.written(principal.workspace, task.id, task.version);
}

async function create(event: AuthenticatedEvent): Promise<Answer> {
  const written = await service.create(event.principal, readTaskWrite(event));
  note(event, written);
  return answerWritten(201, written, { location: pathTo(paths.task, written.task.id) });
}

async function list(event: AuthenticatedEvent): Promise<Answer> {
  const query = readListQuery(event.queryStringParameters ?? {});
  return answerJson(200, await listTasks(tasks, log, event.principal, query));
}

async function listPast(event: AuthenticatedEvent): Promise<Answer> {
  const query = readEventsQuery(event.queryStringParameters ?? {});
  return answerJson(200, await listEvents(history, event.principal, query));
}

async function get(event: AuthenticatedEvent): Promise<Answer> {
  const task = await service.get(event.principal, readTaskId(event));
  return answerJson(200, { task }, { etag: entityTag(task.version) });
}

async function patch(event: AuthenticatedEvent): Promise<Answer> {
  const written = await service.patch(event.principal, readTaskId(event), readTaskWrite(event));
  note(event, written);
  return answerWritten(200, written);
}

async function remove(event: AuthenticatedEvent): Promise<Answer> {
  const id = readTaskId(event);
  await service.delete(event.principal, id, readTaskWrite(event).ifMatch);
  observer.written(event.principal.workspace, id, undefined);
  return answerJson(200, { success: true, message: 'Task deleted' });
}

async function viewers({ principal, queryStringParameters }: AuthenticatedEvent): Promise<Answer> {
  refuseUnknown(queryStringParameters ?? {}, []);
  return answerJson(200, { viewers: await awareness.list(principal) });
}

async function view(event: AuthenticatedEvent): Promise<Answer> {
  return answerJson(200, await notePresence(awareness, event));
}

async function type(event: AuthenticatedEvent): Promise<Answer> {
  return answerJson(200, await noteTyping(awareness, event));
}

/**
 * The tasks API behind the HTTP API: everything under `/tasks`, their past at `/events`, who is there at
 * `/presence`, and whatever no route knows.
 */
const serve = middy<AuthenticatedEvent, Answer>()
  .use(answerErrors(observer))
  .use(unifyPath())
  .use(answerPreflight())
  .use(authenticate(tokens, environment.TOKEN_HEADER, tokenInBodyOf([paths.presence])))
  .handler(
    routerOf(
      { ...taskRoutes, ...awarenessRoutes },
      {
        [paths.tasks]: { GET: list, POST: create },
        [paths.task]: { GET: get, PATCH: patch, DELETE: remove },
        [paths.events]: { GET: listPast },
        [paths.presence]: { GET: viewers, POST: view },
        [paths.typing]: { POST: type },
      },
    ),
  );

export const handler = observed(signals, correlated(signals.correlate, serve));
