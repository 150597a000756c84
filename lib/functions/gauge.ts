import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { gaugeEnvironment } from '../../lambdas/gauge/environment.ts';
import type { StageConfig } from '../config/stage-schema.ts';
import { functionEnvironment } from './function-environment.ts';
import { runOnSchedule } from './schedule.ts';
import { ServiceFunction } from './service-function.ts';

export interface GaugeProps {
  readonly config: StageConfig;
  readonly connectionsTable: TableV2;
}

/** Long enough for a million connections: a page of 1 MB holds some 3,700, and takes about a tenth of a second. Seconds. */
const scanSeconds = 30;
/** Starting the process, and saying how it went. Seconds. */
const besidesSeconds = 15;

/** Counts the streams and WebSockets that are open every few minutes, by the connections table. */
export class Gauge extends Construct {
  readonly function: Function;

  constructor(scope: Construct, id: string, { config, connectionsTable }: GaugeProps) {
    super(scope, id);
    // No concurrency is kept for it: a number that is missing harms nobody.
    const service = new ServiceFunction(this, 'Gauge', {
      name: 'gauge',
      description: 'Counts open streams and WebSockets.',
      config,
      timeoutSeconds: scanSeconds + besidesSeconds,
      environment: functionEnvironment(gaugeEnvironment, config, {
        CONNECTIONS_TABLE: connectionsTable.tableName,
        SCAN_SECONDS: scanSeconds,
      }),
    });
    service.allow(['dynamodb:Scan'], [connectionsTable.tableArn]);
    this.function = service.function;
    runOnSchedule(this, {
      function: this.function,
      everyMinutes: config.gaugeMinutes,
      description: 'Runs the gauge.',
    });
  }
}
