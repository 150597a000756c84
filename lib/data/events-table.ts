import { CfnOutput } from 'aws-cdk-lib';
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { StageConfig } from '../config/stage-schema.ts';
import { tableProtection } from './data-protection.ts';

/**
 * One dense log per workspace: segment 0 is its head and never expires, segments 1, 2, 3 … hold the changes
 * and expire with the history.
 */
export class EventsTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: 'workspace', type: AttributeType.STRING },
      sortKey: { name: 'segment', type: AttributeType.NUMBER },
      billing: Billing.onDemand(),
      timeToLiveAttribute: 'expires',
      ...tableProtection(config),
    });
    // What `npm run redrive` and `npm run log` must know of a deployed stage.
    new CfnOutput(this, 'EventsTableName', { value: this.table.tableName }).overrideLogicalId(
      'EventsTableName',
    );
    new CfnOutput(this, 'HistorySeconds', { value: String(config.historySeconds) }).overrideLogicalId(
      'HistorySeconds',
    );
  }
}
