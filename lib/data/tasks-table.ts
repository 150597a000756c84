import { CfnOutput } from 'aws-cdk-lib';
import { AttributeType, Billing, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { StageConfig } from '../config/stage-schema.ts';
import { tableProtection } from './data-protection.ts';

/**
 * The tasks of every workspace, and the source of every event: what is written here, by the API, a script or
 * the console, reaches the clients.
 *
 * Items with id 0 are no tasks. They keep the id counter and the idempotency records of a workspace, in
 * partitions of their own, and the latter expire.
 */
export class TasksTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: 'workspace', type: AttributeType.STRING },
      sortKey: { name: 'id', type: AttributeType.NUMBER },
      billing: Billing.onDemand(),
      // Both images: visibility and status are compared before and after a change.
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute: 'idempotency_expires',
      ...tableProtection(config),
    });
    // What `npm run log` must know of a deployed stage.
    new CfnOutput(this, 'TasksTableName', { value: this.table.tableName }).overrideLogicalId(
      'TasksTableName',
    );
  }
}
