import type { DynamoDBRecord } from 'aws-lambda';
import { z } from 'zod';
import type { WorkspaceRecords } from '../../lambdas/fanout/record.ts';
import { groupByWorkspace, streamLabel } from '../../lambdas/fanout/record.ts';
import { CommandError } from '../../commands/command-error.ts';

/** A batch that the event source mapping has given up. */
export interface FailedBatch {
  /** Label of the stream that it came from. */
  readonly stream: string;
  /** How many records it has. */
  readonly records: number;
  /** Its changes, as the fan-out would have derived them; workspaces without any are left out. */
  readonly workspaces: readonly WorkspaceRecords[];
}

const streamRecord = z.looseObject({
  eventSourceARN: z.string().regex(/:table\/[^/]+\/stream\/[^/]+$/),
  dynamodb: z.looseObject({
    SequenceNumber: z.string().regex(/^\d{1,40}$/),
    Keys: z.record(z.string(), z.looseObject({})),
    ApproximateCreationDateTime: z.number(),
  }),
});
const invocationRecord = z.looseObject({ payload: z.string() });
const event = z.looseObject({ Records: z.array(streamRecord).min(1) });

/**
 * Reads the record that Lambda keeps of a failed batch: metadata, and in `payload` the whole event as text.
 * Source: "Retain discarded records for a DynamoDB event source in Lambda", example Amazon S3 invocation record.
 * @throws {CommandError}
 */
export function readFailedBatch(text: string): FailedBatch {
  const { payload } = parse('the object', invocationRecord, text);
  const records = parse('its payload', event, payload).Records as unknown as DynamoDBRecord[];
  return {
    stream: streamLabel(records[0]!),
    records: records.length,
    workspaces: groupByWorkspace(records).filter(({ changes }) => changes.length > 0),
  };
}

function parse<Value>(what: string, schema: z.ZodType<Value>, text: string): Value {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CommandError(`${what} is not JSON`, { cause: error });
  }
  const { data, error } = schema.safeParse(json);
  if (data !== undefined) return data;
  const [issue] = error!.issues;
  throw new CommandError(
    `${what} is not a failed batch of a DynamoDB stream: at ${issue!.path.join('.') || 'the top'}: ${issue!.message}`,
  );
}
