import type { DynamoDBBatchItemFailure, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { AppendOptions } from '../../core/log/append.ts';
import { appendBatch } from '../../core/log/append.ts';
import { createDocumentClient } from '../shared/dynamodb/client.ts';
import { readEnvironment } from '../shared/runtime/environment.ts';
import { EventLog, newLog } from '../shared/dynamodb/event-log.ts';
import { logObserver } from '../shared/runtime/log-observer.ts';
import type { WorkspaceRecords } from './record.ts';
import { groupByWorkspace, streamLabel } from './record.ts';
import { fanOutEnvironment } from './environment.ts';

const environment = readEnvironment(fanOutEnvironment);
const log = new EventLog(createDocumentClient(), environment.EVENTS_TABLE);
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
 * in a log already is found there.
 */
export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const stream = event.Records[0] ? streamLabel(event.Records[0]) : '';
  const waiting = [...groupByWorkspace(event.Records)];
  const failures: DynamoDBBatchItemFailure[] = [];
  const work = async (): Promise<void> => {
    for (let group = waiting.shift(); group; group = waiting.shift()) {
      const failed = await append(stream, group);
      if (failed) failures.push(failed);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return { batchItemFailures: failures };
}

async function append(
  stream: string,
  { workspace, first, changes }: WorkspaceRecords,
): Promise<DynamoDBBatchItemFailure | undefined> {
  if (changes.length === 0) return undefined;
  try {
    logObserver.appended(workspace, await appendBatch(log, { workspace, stream, changes }, options));
    return undefined;
  } catch (error) {
    logObserver.trouble('append failed, the batch will be retried', error, { workspace, first });
    return { itemIdentifier: first };
  }
}
