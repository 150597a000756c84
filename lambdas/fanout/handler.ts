import type { DynamoDBBatchItemFailure, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { forEachOf } from '../../core/for-each.ts';
import type { AppendOptions } from '../../core/log/append.ts';
import { appendBatch } from '../../core/log/append.ts';
import { createDocumentClient } from '../shared/dynamodb/client.ts';
import { readEnvironment } from '../shared/runtime/environment.ts';
import { EventLog, newLog } from '../shared/dynamodb/event-log.ts';
import { SubscriberStore } from '../shared/dynamodb/subscriber-store.ts';
import { createLambdaClient, PushFunction } from '../shared/push/push-function.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import { observed, Signals } from '../shared/signals/signals.ts';
import type { AppendedTo } from './hand-on.ts';
import { HandOn } from './hand-on.ts';
import type { WorkspaceRecords } from './record.ts';
import { groupByWorkspace, streamLabel } from './record.ts';
import { fanOutEnvironment } from './environment.ts';

const environment = readEnvironment(fanOutEnvironment);
const signals = new Signals(environment.LOG_SAMPLE_PERCENT);
const { observer } = signals;
const client = createDocumentClient(signals.consumed);
const log = new EventLog(client, environment.EVENTS_TABLE);
const handOn = new HandOn({
  subscribers: new SubscriberStore(client, environment.CONNECTIONS_TABLE),
  push: new PushFunction(createLambdaClient(), environment.PUSH_FUNCTION),
  clock: systemClock,
  observer,
});
const options: AppendOptions = {
  now: Date.now,
  newLog,
  historySeconds: environment.HISTORY_SECONDS,
};

/** How many workspaces are appended to at a time. */
const concurrency = 16;

/**
 * Appends a batch of the tasks table's stream to the logs of its workspaces. A workspace whose log cannot be written
 * is reported with its first record and stops there; Lambda delivers again from the lowest one reported, and what is
 * in a log already is found there. When all is appended, what is new is handed on to be pushed.
 */
async function appendAll(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const stream = event.Records[0] ? streamLabel(event.Records[0]) : '';
  const failures: DynamoDBBatchItemFailure[] = [];
  const appended: AppendedTo[] = [];
  await forEachOf(groupByWorkspace(event.Records), concurrency, async (group) => {
    const outcome = await append(stream, group);
    if ('itemIdentifier' in outcome) failures.push(outcome);
    else appended.push(outcome);
  });
  await handOn.handOn(appended);
  return { batchItemFailures: failures };
}

async function append(
  stream: string,
  { workspace, first, changes }: WorkspaceRecords,
): Promise<AppendedTo | DynamoDBBatchItemFailure> {
  if (changes.length === 0) return { workspace, changes: 0, segments: [] };
  try {
    const appended = await appendBatch(log, { workspace, stream, changes }, options);
    const now = systemClock.now();
    observer.appended(
      workspace,
      appended.written.map((at) => Math.max(0, now - at)),
    );
    return { workspace, ...appended };
  } catch (error) {
    observer.trouble('append failed, the batch will be retried', error, { workspace, first });
    return { itemIdentifier: first };
  }
}

export const handler = observed(signals, appendAll);
