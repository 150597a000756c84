import { requiredPermissions, UnknownRequest } from '../../local/iam/request-actions.ts';

function permissions(target: string, body: object): string[] {
  return requiredPermissions(target, body, (name) => `arn:${name}`).map(
    ({ action, resource }) => `${action} ${resource}`,
  );
}

describe('the permissions that a request needs', () => {
  it.each(['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'DescribeTable', 'Query', 'Scan'])(
    'is the action %s on the table',
    (operation) => {
      expect(permissions(`DynamoDB_20120810.${operation}`, { TableName: 'tasks' })).toEqual([
        `dynamodb:${operation} arn:tasks`,
      ]);
    },
  );

  it('is on everything for a list of streams, which knows no resource', () => {
    expect(permissions('DynamoDBStreams_20120810.ListStreams', { TableName: 'tasks' })).toEqual([
      'dynamodb:ListStreams *',
    ]);
  });

  it('is on the index for a query of an index', () => {
    expect(permissions('DynamoDB_20120810.Query', { TableName: 'tasks', IndexName: 'byStatus' })).toEqual([
      'dynamodb:Query arn:tasks/index/byStatus',
    ]);
  });

  it('is that of every part for a transaction', () => {
    const TransactItems = [
      { Put: { TableName: 'a' } },
      { Update: { TableName: 'b' } },
      { Delete: { TableName: 'c' } },
      { ConditionCheck: { TableName: 'd' } },
    ];
    expect(permissions('DynamoDB_20120810.TransactWriteItems', { TransactItems })).toEqual([
      'dynamodb:PutItem arn:a',
      'dynamodb:UpdateItem arn:b',
      'dynamodb:DeleteItem arn:c',
      'dynamodb:ConditionCheckItem arn:d',
    ]);
    expect(
      permissions('DynamoDB_20120810.TransactGetItems', { TransactItems: [{ Get: { TableName: 'a' } }] }),
    ).toEqual(['dynamodb:GetItem arn:a']);
  });

  it('is on each table for a batch', () => {
    expect(permissions('DynamoDB_20120810.BatchWriteItem', { RequestItems: { a: [], b: [] } })).toEqual([
      'dynamodb:BatchWriteItem arn:a',
      'dynamodb:BatchWriteItem arn:b',
    ]);
  });

  it('is on the stream for a stream request', () => {
    expect(permissions('DynamoDBStreams_20120810.DescribeStream', { StreamArn: 'arn:s' })).toEqual([
      'dynamodb:DescribeStream arn:s',
    ]);
  });

  it.each([
    ['PartiQL', 'DynamoDB_20120810.ExecuteStatement', { Statement: 'SELECT' }],
    ['table management', 'DynamoDB_20120810.DeleteTable', { TableName: 'tasks' }],
    ['GetRecords, which names no stream', 'DynamoDBStreams_20120810.GetRecords', { ShardIterator: 'x' }],
    ['another service', 'Kinesis_20131202.PutRecord', {}],
    ['no target', 'undefined', {}],
    ['a missing table name', 'DynamoDB_20120810.GetItem', {}],
    [
      'an unknown part of a transaction',
      'DynamoDB_20120810.TransactWriteItems',
      { TransactItems: [{ X: {} }] },
    ],
  ])('is refused for %s', (_name, target, body) => {
    expect(() => permissions(target, body)).toThrow(UnknownRequest);
  });
});
