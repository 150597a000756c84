import { setTimeout as wait } from 'node:timers/promises';
import { startAwsEndpoint } from '../../local/data/aws-endpoint.ts';
import type { AwsCall, AwsFault } from '../../local/data/aws-fault.ts';
import { startDatabase } from '../../local/data/database.ts';
import { DatabaseClient } from '../../local/data/database-client.ts';
import { AccessControl } from '../../local/iam/access-control.ts';
import { localRegion, tableArn } from '../../local/template/stack-template.ts';

/** A table of the local database, with `id` as its key, behind the endpoint that the functions know as AWS. */
export interface FaultyTable {
  readonly tableName: string;
  /** Of an SDK client that reaches it. */
  readonly settings: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** The calls so far, in their order. */
  readonly calls: AwsCall[];
  /** What becomes of the next calls, in their order; undefined for nothing. */
  readonly faults: (AwsFault | undefined)[];
  readonly close: () => Promise<void>;
}

const accessKeyId = 'LOCALFAULTS';
let tables = 0;

/** Starts the database and the endpoint, and makes the table. */
export async function startFaultyTable(): Promise<FaultyTable> {
  tables += 1;
  const tableName = `faults-${process.pid}-${Date.now()}-${tables}`;
  const database = await startDatabase({ endpoint: process.env.DYNAMODB_ENDPOINT });
  const full = new DatabaseClient(database.endpoint);
  await full.call('DynamoDB_20120810.CreateTable', {
    TableName: tableName,
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  const access = new AccessControl();
  access.register(accessKeyId, {
    functionName: 'sample',
    roleName: 'SampleRole',
    accountId: '000000000000',
    statements: [{ Effect: 'Allow', Action: 'dynamodb:*', Resource: tableArn(tableName) }],
  });
  const calls: AwsCall[] = [];
  const faults: (AwsFault | undefined)[] = [];
  const endpoint = await startAwsEndpoint({
    database: full,
    access,
    onWrite: () => {},
    onCall: async (call) => {
      calls.push(call);
      await wait(0);
      return faults.shift();
    },
  });
  return {
    tableName,
    settings: {
      endpoint: endpoint.url,
      region: localRegion,
      credentials: { accessKeyId, secretAccessKey: 'local' },
    },
    calls,
    faults,
    close: async () => {
      await endpoint.close();
      await full.call('DynamoDB_20120810.DeleteTable', { TableName: tableName });
      full.close();
      await database.close();
    },
  };
}
