import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { databaseAccessKeyId } from '../../local/data/database-client.ts';
import { localRegion } from '../../local/template/stack-template.ts';

/**
 * A client for the tables of a stage.
 *
 * @param endpoint - the DynamoDB server of a local stack; AWS, with the rights of the environment, where it is undefined
 */
export function openTables(endpoint: string | undefined): DynamoDBDocumentClient {
  const credentials = { accessKeyId: databaseAccessKeyId, secretAccessKey: 'local' };
  const client = new DynamoDBClient(
    endpoint === undefined ? {} : { endpoint, region: localRegion, credentials },
  );
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
