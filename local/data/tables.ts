import type { DatabaseClient } from './database-client.ts';
import { DatabaseError } from './database-client.ts';
import { tableArn } from '../template/stack-template.ts';
import type { StackTemplate } from '../template/stack-template.ts';

interface SecondaryIndex {
  readonly IndexName: string;
  readonly KeySchema: unknown;
  readonly Projection: unknown;
}

interface TableProperties {
  readonly TableName?: string;
  readonly AttributeDefinitions: unknown;
  readonly KeySchema: ReadonlyArray<{ readonly AttributeName: string }>;
  readonly GlobalSecondaryIndexes?: readonly SecondaryIndex[];
  readonly LocalSecondaryIndexes?: readonly SecondaryIndex[];
  readonly StreamSpecification?: { readonly StreamViewType: string };
  readonly TimeToLiveSpecification?: { readonly AttributeName?: string; readonly Enabled: boolean };
}

/** A table of the running stack. */
export interface LocalTable {
  readonly logicalId: string;
  readonly name: string;
  readonly keyAttributes: readonly string[];
  /** Attribute that holds the time to live in epoch seconds, if the template enables it. */
  readonly timeToLiveAttribute: string | undefined;
  readonly stream: TableStream | undefined;
}

/** The stream of a table, under the ARN of the local account and under the server's own. */
export interface TableStream {
  readonly arn: string;
  readonly databaseArn: string;
}

interface DescribedTable {
  readonly Table: {
    readonly TableStatus: string;
    readonly GlobalSecondaryIndexes?: readonly Pick<SecondaryIndex, 'IndexName'>[];
    readonly LatestStreamArn?: string;
    readonly LatestStreamLabel?: string;
  };
}

/**
 * Creates the tables of the template with their keys, indexes, streams and TTL settings, and makes their stream ARNs
 * known to the template. Tables that exist are used with their data, and get the indexes that they lack.
 */
export async function createTables(template: StackTemplate, database: DatabaseClient): Promise<LocalTable[]> {
  const resources = template.resourcesOfType('AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table');
  return Promise.all(
    resources.map(async ({ logicalId, properties }) => {
      const table = properties as unknown as TableProperties;
      const name = template.physicalName(logicalId);
      await createTable(database, name, table);
      const { Table: description } = await database.call<DescribedTable>('DynamoDB_20120810.DescribeTable', {
        TableName: name,
      });
      const stream =
        description.LatestStreamArn === undefined || description.LatestStreamLabel === undefined
          ? undefined
          : {
              arn: `${tableArn(name)}/stream/${description.LatestStreamLabel}`,
              databaseArn: description.LatestStreamArn,
            };
      if (stream !== undefined) template.setAttribute(logicalId, 'StreamArn', stream.arn);
      const timeToLive = table.TimeToLiveSpecification;
      return {
        logicalId,
        name,
        keyAttributes: table.KeySchema.map((key) => key.AttributeName),
        timeToLiveAttribute: timeToLive?.Enabled === true ? timeToLive.AttributeName : undefined,
        stream,
      };
    }),
  );
}

async function createTable(database: DatabaseClient, name: string, table: TableProperties): Promise<void> {
  try {
    await database.call('DynamoDB_20120810.CreateTable', {
      TableName: name,
      AttributeDefinitions: table.AttributeDefinitions,
      KeySchema: table.KeySchema,
      GlobalSecondaryIndexes: indexParts(table.GlobalSecondaryIndexes),
      LocalSecondaryIndexes: indexParts(table.LocalSecondaryIndexes),
      BillingMode: 'PAY_PER_REQUEST',
      ...(table.StreamSpecification !== undefined && {
        StreamSpecification: {
          StreamEnabled: true,
          StreamViewType: table.StreamSpecification.StreamViewType,
        },
      }),
    });
  } catch (error) {
    if (error instanceof DatabaseError && error.name === 'ResourceInUseException')
      return addIndexes(database, name, table);
    throw error;
  }
  const timeToLive = table.TimeToLiveSpecification;
  if (timeToLive?.Enabled === true) {
    await database.call('DynamoDB_20120810.UpdateTimeToLive', {
      TableName: name,
      TimeToLiveSpecification: { AttributeName: timeToLive.AttributeName, Enabled: true },
    });
  }
}

/** Adds the indexes that a table of a version before does not have, as a deploy does. */
async function addIndexes(database: DatabaseClient, name: string, table: TableProperties): Promise<void> {
  const { Table: found } = await database.call<DescribedTable>('DynamoDB_20120810.DescribeTable', {
    TableName: name,
  });
  const there = new Set(found.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName));
  for (const index of indexParts(table.GlobalSecondaryIndexes) ?? []) {
    if (there.has(index.IndexName)) continue;
    await database.call('DynamoDB_20120810.UpdateTable', {
      TableName: name,
      AttributeDefinitions: table.AttributeDefinitions,
      GlobalSecondaryIndexUpdates: [{ Create: index }],
    });
  }
}

/** Without what belongs to billing and monitoring. */
function indexParts(indexes: readonly SecondaryIndex[] | undefined): SecondaryIndex[] | undefined {
  return indexes?.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }));
}
