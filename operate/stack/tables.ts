import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { readNumber } from '../../lambdas/shared/dynamodb/client.ts';

/**
 * By what the database of a local stack knows the owner of its tables: some DynamoDB servers keep others for each region and
 * access key.
 */
export const localDatabase = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'taskwire', secretAccessKey: 'local' },
} as const;

/**
 * A client for the tables of a stage.
 * @param endpoint the DynamoDB server of a local stack; AWS, with the rights of the environment, where it is undefined.
 */
export function openTables(endpoint: string | undefined): DynamoDBDocumentClient {
  const client = new DynamoDBClient(endpoint === undefined ? {} : { endpoint, ...localDatabase });
  return DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
    // A script may have written anything.
    unmarshallOptions: { wrapNumbers: readNumber },
  });
}
