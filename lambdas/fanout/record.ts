import type { DynamoDBRecord } from 'aws-lambda';
import type { Change, TaskWrite } from '../../core/log/change.ts';
import { deriveChange } from '../../core/log/change.ts';
import { isWorkspaceName } from '../../core/subscription/principal.ts';
import { isTaskId } from '../../core/task/fields.ts';
import type { StreamImage } from '../shared/dynamodb/stream-image.ts';
import { unmarshallImage } from '../shared/dynamodb/stream-image.ts';

/** The records of one workspace in a stream batch, and the changes they make. */
export interface WorkspaceRecords {
  readonly workspace: string;
  /** Sequence number of the first record: where a retry has to begin. */
  readonly first: string;
  readonly changes: readonly Change[];
}

/**
 * Sorts the records of a batch by workspace, in their order, and derives their changes. Never throws on a record:
 * items that are no tasks are left out, tasks that cannot be read become `resync` changes.
 */
export function groupByWorkspace(records: readonly DynamoDBRecord[]): readonly WorkspaceRecords[] {
  const groups = new Map<string, { workspace: string; first: string; changes: Change[] }>();
  for (const record of records) {
    const workspace = workspaceOf(record);
    const source = record.dynamodb?.SequenceNumber;
    if (workspace === undefined || source === undefined) continue;
    let group = groups.get(workspace);
    if (!group) groups.set(workspace, (group = { workspace, first: source, changes: [] }));
    const change = deriveChange(readWrite(record, source));
    if (change) group.changes.push(change);
  }
  return [...groups.values()];
}

/** Label of the stream that a batch comes from: the last part of its ARN. */
export function streamLabel(record: DynamoDBRecord): string {
  return record.eventSourceARN?.split('/').at(-1) ?? '';
}

function workspaceOf({ dynamodb }: DynamoDBRecord): string | undefined {
  const workspace = dynamodb?.Keys?.['workspace']?.S;
  return isWorkspaceName(workspace) && isTaskId(Number(dynamodb?.Keys?.['id']?.N)) ? workspace : undefined;
}

function readWrite({ dynamodb }: DynamoDBRecord, source: string): TaskWrite {
  return {
    source,
    // Seconds; some engines give a fraction.
    at: Math.round((dynamodb?.ApproximateCreationDateTime ?? 0) * 1000),
    before: unmarshallImage(dynamodb?.OldImage as StreamImage | undefined),
    after: unmarshallImage(dynamodb?.NewImage as StreamImage | undefined),
  };
}
