import { CfnOutput } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { endedIndex } from '../../lambdas/shared/dynamodb/ended-index.ts';
import type { StageConfig } from '../config/stage-schema.ts';
import { tableProtection } from './data-protection.ts';

/**
 * One item per open stream. The sort key is `user#connection`, so the streams of one user are a range; the
 * time to live removes the items of functions that were killed.
 */
export class ConnectionsTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: 'workspace', type: AttributeType.STRING },
      sortKey: { name: 'connection', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      timeToLiveAttribute: 'expires',
      // Items without the time are not in it: it has those alone that were asked to end, until they are removed.
      globalSecondaryIndexes: [
        {
          indexName: endedIndex,
          partitionKey: { name: 'workspace', type: AttributeType.STRING },
          sortKey: { name: 'endedAt', type: AttributeType.NUMBER },
          projectionType: ProjectionType.INCLUDE,
          nonKeyAttributes: ['id', 'ended'],
        },
      ],
      ...tableProtection(config),
    });
    // What `npm run drain` and `npm run connections` must know of a deployed stage.
    new CfnOutput(this, 'ConnectionsTableName', { value: this.table.tableName }).overrideLogicalId(
      'ConnectionsTableName',
    );
  }
}
