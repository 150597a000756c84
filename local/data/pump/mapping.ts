import { CommandError } from '../../../commands/command-error.ts';
import type { DeliverySettings } from './batch-delivery.ts';
import { compileFilters } from './filter.ts';
import type { RecordFilter } from './filter.ts';

/** An event source mapping's settings, with AWS's defaults where the template leaves them out. */
export interface MappingSettings extends DeliverySettings {
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  readonly accepts: RecordFilter;
  /** ARN of the on-failure destination. */
  readonly onFailure: string | undefined;
  /** Whether the platform counts what becomes of records. */
  readonly countsEvents: boolean;
}

const understood = new Set([
  'BatchSize',
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'Enabled',
  'EventSourceArn',
  'FilterCriteria',
  'FunctionName',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'MetricsConfig',
  'ParallelizationFactor',
  'StartingPosition',
  'Tags',
]);

/**
 * Reads the settings of an AWS::Lambda::EventSourceMapping.
 * @throws {CommandError} naming a property that the local stack does not act on.
 */
export function readMappingSettings(logicalId: string, properties: Record<string, unknown>): MappingSettings {
  const refuse = (what: string): never => {
    throw new CommandError(
      `event source mapping ${logicalId} has ${what}, which the local stack does not understand`,
    );
  };
  for (const name of Object.keys(properties)) if (!understood.has(name)) refuse(name);
  if ((properties.ParallelizationFactor ?? 1) !== 1) refuse('a ParallelizationFactor above 1');
  const startingPosition = properties.StartingPosition;
  if (startingPosition !== 'TRIM_HORIZON' && startingPosition !== 'LATEST') {
    return refuse(`the starting position ${String(startingPosition)}`);
  }
  const responseTypes = (properties.FunctionResponseTypes ?? []) as string[];
  const filters = properties.FilterCriteria as { Filters?: ReadonlyArray<{ Pattern: string }> } | undefined;
  const destination = properties.DestinationConfig as { OnFailure?: { Destination?: string } } | undefined;
  const metrics = (properties.MetricsConfig as { Metrics?: readonly string[] } | undefined)?.Metrics ?? [];
  return {
    startingPosition,
    batchSize: Number(properties.BatchSize ?? 100),
    batchingWindowSeconds: Number(properties.MaximumBatchingWindowInSeconds ?? 0),
    accepts: compileFilters((filters?.Filters ?? []).map(({ Pattern }) => Pattern)),
    reportsItemFailures: responseTypes.includes('ReportBatchItemFailures'),
    bisectsOnError: properties.BisectBatchOnFunctionError === true,
    maximumRetryAttempts: Number(properties.MaximumRetryAttempts ?? -1),
    maximumRecordAgeSeconds: Number(properties.MaximumRecordAgeInSeconds ?? -1),
    onFailure: destination?.OnFailure?.Destination,
    countsEvents: metrics.includes('EventCount'),
  };
}
