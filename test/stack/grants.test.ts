import { grants, localTemplate, resource, resources } from './synthesized.ts';

const template = localTemplate();

function actionsOn(table: string, ...actions: string[]): string[] {
  return actions.map((action) => `dynamodb:${action} on ${table}`);
}

function ownLog(name: string): string[] {
  return ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => `${action} on ${name}Logs.Arn`);
}

describe('a function may do what it does and nothing more', () => {
  it.each([
    [
      'ApiTasks',
      [
        ...actionsOn(
          'TasksTable.Arn',
          'BatchGetItem',
          'DeleteItem',
          'GetItem',
          'PutItem',
          'Query',
          'UpdateItem',
        ),
        ...actionsOn('EventsTable.Arn', 'GetItem', 'Query', 'UpdateItem'),
        ...actionsOn('ConnectionsTable.Arn', 'Query'),
      ],
    ],
    ['ApiConnections', actionsOn('ConnectionsTable.Arn', 'GetItem', 'PutItem', 'Query', 'UpdateItem')],
    [
      'FanOutFanout',
      [
        ...actionsOn('EventsTable.Arn', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
        ...actionsOn('TasksTable.StreamArn', 'DescribeStream', 'GetRecords', 'GetShardIterator'),
        'dynamodb:ListStreams on *',
        's3:PutObject on FanOutFailedBatchesBucket.Arn/aws/lambda/*',
        's3:ListBucket on FanOutFailedBatchesBucket.Arn',
      ],
    ],
    [
      'StreamUrlStream',
      [
        ...actionsOn('TasksTable.Arn', 'BatchGetItem'),
        ...actionsOn('EventsTable.Arn', 'GetItem', 'Query', 'UpdateItem'),
        ...actionsOn(
          'ConnectionsTable.Arn',
          'BatchGetItem',
          'DeleteItem',
          'GetItem',
          'PutItem',
          'Query',
          'UpdateItem',
        ),
      ],
    ],
  ])('%s', (name, expected) => {
    const allowed = grants(resource(template, `${name}RoleDefaultPolicy`));

    expect(allowed.toSorted()).toEqual([...ownLog(name), ...expected].toSorted());
  });
});

it('no grant has a wildcard but for the names that Lambda gives to failed batches, and for what IAM grants on all or nothing', () => {
  const policies = Object.values(resources(template, 'AWS::IAM::Policy'));
  const wild = policies.flatMap((policy) => grants(policy)).filter((grant) => grant.includes('*'));

  expect(policies).toHaveLength(4);
  expect(wild.toSorted()).toEqual([
    'dynamodb:ListStreams on *',
    's3:PutObject on FanOutFailedBatchesBucket.Arn/aws/lambda/*',
  ]);
});
