import { grants, localTemplate, plain, resource, resources } from './synthesized.ts';

const template = localTemplate();

function actionsOn(table: string, ...actions: string[]): string[] {
  return actions.map((action) => `dynamodb:${action} on ${table}`);
}

function ownLog(name: string): string[] {
  return ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => `${action} on ${name}Logs.Arn`);
}

/** What is done with open WebSockets, those of the stage of this API alone. */
function onConnections(...methods: string[]): string[] {
  const stage = 'arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:SocketsApi/ws';
  return methods.map((method) => `execute-api:ManageConnections on ${stage}/${method}/@connections/*`);
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
        ...actionsOn('ConnectionsTable.Arn', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
        'lambda:InvokeFunction on PushFunction.Arn',
      ],
    ],
    [
      'ApiConnections',
      [
        ...actionsOn('ConnectionsTable.Arn', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
        ...onConnections('DELETE', 'POST'),
      ],
    ],
    [
      'FanOutFanout',
      [
        ...actionsOn('EventsTable.Arn', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
        ...actionsOn('ConnectionsTable.Arn', 'Query'),
        'lambda:InvokeFunction on PushFunction.Arn',
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
        ...actionsOn('EventsTable.Arn', 'BatchGetItem', 'GetItem', 'Query', 'UpdateItem'),
        ...actionsOn(
          'ConnectionsTable.Arn',
          'BatchGetItem',
          'BatchWriteItem',
          'DeleteItem',
          'GetItem',
          'PutItem',
          'Query',
          'UpdateItem',
        ),
        ...actionsOn('ConnectionsTable.Arn/index/ended', 'Query'),
        ...onConnections('DELETE', 'POST'),
      ],
    ],
    [
      'Push',
      [
        ...actionsOn('EventsTable.Arn', 'GetItem', 'Query'),
        ...actionsOn('ConnectionsTable.Arn', 'DeleteItem', 'Query', 'UpdateItem'),
        ...onConnections('DELETE', 'POST'),
      ],
    ],
    [
      'SocketsWebsocket',
      [
        ...actionsOn('TasksTable.Arn', 'BatchGetItem'),
        ...actionsOn('EventsTable.Arn', 'GetItem', 'Query', 'UpdateItem'),
        ...actionsOn('ConnectionsTable.Arn', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
        'lambda:InvokeFunction on PushFunction.Arn',
        ...onConnections('DELETE', 'POST'),
      ],
    ],
  ])('%s', (name, expected) => {
    const allowed = grants(resource(template, `${name}RoleDefaultPolicy`));

    expect(allowed.toSorted()).toEqual([...ownLog(name), ...expected].toSorted());
  });
});

it('the function that pushes may invoke itself besides, by a policy that it does not wait for', () => {
  const { Properties } = resource(template, 'PushContinue');
  const { DependsOn } = resource(template, 'PushFunction');

  expect(grants(resource(template, 'PushContinue'))).toEqual(['lambda:InvokeFunction on PushFunction.Arn']);
  expect((Properties['Roles'] as unknown[]).map((role) => plain(role))).toEqual(['PushRole']);
  expect([DependsOn].flat().filter((each) => each?.includes('Continue'))).toEqual([]);
});

it('no grant has a wildcard but for the names that AWS gives to failed batches and connections, and for what IAM grants on all or nothing', () => {
  const policies = Object.values(resources(template, 'AWS::IAM::Policy'));
  const wild = policies.flatMap((policy) => grants(policy)).filter((grant) => grant.includes('*'));

  expect(policies).toHaveLength(7);
  expect(wild.toSorted()).toEqual([
    'dynamodb:ListStreams on *',
    ...onConnections('DELETE', 'DELETE', 'DELETE', 'DELETE', 'POST', 'POST', 'POST', 'POST'),
    's3:PutObject on FanOutFailedBatchesBucket.Arn/aws/lambda/*',
  ]);
});
