import path from 'node:path';
import type { DatabaseClient } from './database-client.ts';
import type { LocalFunction } from '../functions/functions.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { PlatformObserver } from '../metrics/platform-metrics.ts';
import type { Deliver } from './pump/batch-delivery.ts';
import { Checkpoints } from './pump/checkpoints.ts';
import { storeFailedBatch } from './pump/failed-batch-store.ts';
import { readMappingSettings } from './pump/mapping.ts';
import { StreamPump } from './pump/stream-pump.ts';
import { CommandError } from '../../commands/command-error.ts';
import type { LocalTable } from './tables.ts';
import { tableArn } from '../template/stack-template.ts';
import type { ResolvedResource, StackTemplate } from '../template/stack-template.ts';

/** What the mappings are made with. */
export interface EventSourceOptions {
  readonly template: StackTemplate;
  readonly tables: readonly LocalTable[];
  readonly functions: readonly LocalFunction[];
  readonly database: DatabaseClient;
  readonly access: AccessControl;
  readonly bucketsDirectory: string;
  readonly checkpointFile: string | undefined;
  readonly wrapDeliver: (deliver: Deliver) => Deliver;
  readonly onError: (message: string) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly platform: Pick<PlatformObserver, 'batchSent' | 'recordsGivenUp'>;
}

/** All event source mappings of a stack. */
export interface EventSources {
  /** Reads the table's stream at once. */
  readonly wakeFor: (tableArn: string) => void;
  /** Reads every stream at once. */
  readonly wake: () => void;
  /** Resolves when every record that the streams held at the time of the call is delivered or discarded. */
  readonly drained: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Starts the event source mappings of the template.
 * @throws {CommandError} when a mapping is not understood, or its function's role lacks a right that it needs.
 */
export async function startMappings(options: EventSourceOptions): Promise<EventSources> {
  const checkpoints = new Checkpoints(options.checkpointFile);
  const pumps = options.template
    .resourcesOfType('AWS::Lambda::EventSourceMapping')
    .map((mapping) => createPump(mapping, checkpoints, options));
  await Promise.all(pumps.map(({ pump }) => pump.start()));
  return {
    wakeFor: (arn) => {
      for (const { pump, source } of pumps) if (source === arn) pump.wake();
    },
    wake: () => {
      for (const { pump } of pumps) pump.wake();
    },
    drained: async () => {
      await Promise.all(pumps.map(({ pump }) => pump.drained()));
    },
    close: async () => {
      await Promise.all(pumps.map(({ pump }) => pump.close()));
    },
  };
}

function createPump(
  { logicalId, properties }: ResolvedResource,
  checkpoints: Checkpoints,
  options: EventSourceOptions,
): { pump: StreamPump; source: string } {
  const { template, tables, functions, database, access, bucketsDirectory, wrapDeliver, onError } = options;
  const { now, platform } = options;
  const settings = readMappingSettings(logicalId, properties);
  const { FunctionName: functionName, EventSourceArn: sourceArn } = properties;
  const table = tables.find(({ stream }) => stream?.arn === sourceArn);
  const target = functions.find(
    ({ arn, logicalId: id }) => functionName === arn || functionName === template.physicalName(id),
  );
  if (table?.stream === undefined || target === undefined) {
    throw new CommandError(
      `event source mapping ${logicalId} has a source or a function that the template lacks`,
    );
  }
  const { stream } = table;
  // The mapping works with the role of its function; what it will need is looked at before it starts.
  const authorize = (action: string, resource: string): void => {
    const denial = access.deny(target.accessKeyId, [{ action, resource }]);
    if (denial !== undefined) throw new CommandError(denial);
  };
  const require = (action: string, resource: string): void => {
    const denial = access.foresee(target.accessKeyId, { action, resource });
    if (denial !== undefined) throw new CommandError(denial);
  };
  for (const action of ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator']) {
    require(action, stream.arn);
  }
  // AWS makes no mapping whose role lacks it, and knows no resource for it.
  require('dynamodb:ListStreams', '*');
  const bucket = settings.onFailure;
  if (bucket !== undefined) {
    if (!bucket.startsWith('arn:aws:s3:::')) {
      throw new CommandError(
        `event source mapping ${logicalId} has an on-failure destination that is not S3: ${bucket}`,
      );
    }
    require('s3:PutObject', `${bucket}/aws/lambda/${logicalId}/`);
    require('s3:ListBucket', bucket);
  }
  const pump = new StreamPump({
    database,
    stream,
    settings,
    checkpoints,
    deliver: wrapDeliver((records) => {
      const written = (records.at(-1)?.dynamodb.ApproximateCreationDateTime ?? 0) * 1000;
      platform.batchSent(template.physicalName(target.logicalId), now() - written);
      return target.process.invokeBuffered({ Records: records });
    }),
    discard: async (batch, shardId) => {
      const count = `${batch.records.length} records (${batch.condition})`;
      if (bucket === undefined) return onError(`${logicalId} dropped ${count}`);
      authorize('s3:ListBucket', bucket);
      authorize('s3:PutObject', `${bucket}/aws/lambda/${logicalId}/${shardId}`);
      const bucketDirectory = path.join(bucketsDirectory, bucket.slice('arn:aws:s3:::'.length));
      const file = await storeFailedBatch(
        batch,
        {
          bucketDirectory,
          mappingId: logicalId,
          functionArn: target.arn,
          stream,
          shardId,
        },
        new Date(),
      );
      if (settings.countsEvents)
        platform.recordsGivenUp(template.physicalName(logicalId), batch.records.length);
      onError(`${logicalId} gave up ${count}: ${file}`);
      const flags = `--directory ${bucketDirectory} --events-table ${target.environment['EVENTS_TABLE']}`;
      onError(`to make up for it: npm run -s redrive -- ${flags} --endpoint ${database.endpoint} --apply`);
    },
    authorize,
    onError,
    now,
  });
  return { pump, source: tableArn(table.name) };
}
