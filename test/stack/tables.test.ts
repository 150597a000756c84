import type { Template } from 'aws-cdk-lib/assertions';
import { devTemplate, localTemplate, resource, resources } from './synthesized.ts';

const kinds = [
  'AWS::DynamoDB::GlobalTable',
  'AWS::S3::Bucket',
  'AWS::Logs::LogGroup',
  'AWS::Cognito::UserPool',
];

function policies(template: Template): (string | undefined)[] {
  return kinds
    .flatMap((kind) => Object.values(resources(template, kind)))
    .flatMap(({ DeletionPolicy, UpdateReplacePolicy }) => [DeletionPolicy, UpdateReplacePolicy]);
}

function replicas(template: Template): unknown[] {
  return Object.values(resources(template, 'AWS::DynamoDB::GlobalTable')).map(
    ({ Properties }) => Properties['Replicas'],
  );
}

describe('tables', () => {
  const template = localTemplate();

  it.each([
    ['TasksTable', { workspace: 'S', id: 'N' }, {}, 'idempotency_expires'],
    ['EventsTable', { workspace: 'S', segment: 'N' }, {}, 'expires'],
    ['ConnectionsTable', { workspace: 'S', connection: 'S' }, { endedAt: 'N' }, 'expires'],
  ])('%s has its keys and its time to live, and is billed by request', (name, keys, indexed, expires) => {
    const { Properties } = resource(template, name);

    const [partition, sort] = Object.keys(keys);
    expect(Properties).toMatchObject({
      KeySchema: [
        { AttributeName: partition, KeyType: 'HASH' },
        { AttributeName: sort, KeyType: 'RANGE' },
      ],
      AttributeDefinitions: Object.entries({ ...keys, ...indexed }).map(([AttributeName, AttributeType]) => ({
        AttributeName,
        AttributeType,
      })),
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: expires, Enabled: true },
    });
  });

  it('only the connections table has an index, of what was asked to end', () => {
    const indexes = Object.values(resources(template, 'AWS::DynamoDB::GlobalTable')).flatMap(
      ({ Properties }) => Properties['GlobalSecondaryIndexes'] ?? [],
    );

    expect(indexes).toEqual([
      {
        IndexName: 'ended',
        KeySchema: [
          { AttributeName: 'workspace', KeyType: 'HASH' },
          { AttributeName: 'endedAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['id', 'ended'] },
      },
    ]);
    expect(resource(template, 'ConnectionsTable').Properties).toHaveProperty('GlobalSecondaryIndexes');
  });

  it('only the tasks table has a stream, with both images', () => {
    const streams = Object.values(resources(template, 'AWS::DynamoDB::GlobalTable')).map(
      ({ Properties }) => Properties['StreamSpecification'],
    );

    expect(streams.filter((stream) => stream !== undefined)).toEqual([
      { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    ]);
    expect(resource(template, 'TasksTable').Properties).toHaveProperty('StreamSpecification');
  });
});

describe('protection of data', () => {
  it('is off in development, so that a stage leaves nothing behind', async () => {
    const template = await devTemplate();

    expect(new Set(policies(template))).toEqual(new Set(['Delete']));
    expect(replicas(template)).toHaveLength(3);
    for (const replica of replicas(template)) {
      expect(replica).toMatchObject([
        {
          DeletionProtectionEnabled: false,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
        },
      ]);
    }
  });

  describe('when the stage asks for it', () => {
    let template: Template;
    beforeAll(async () => {
      template = await devTemplate({
        removalPolicy: 'retain',
        pointInTimeRecovery: true,
        deletionProtection: true,
      });
    });

    it('holds for all that keeps data', () => {
      expect(policies(template).every((policy) => policy?.startsWith('Retain'))).toBe(true);
      const whenReplaced = kinds
        .flatMap((kind) => Object.values(resources(template, kind)))
        .map(({ UpdateReplacePolicy }) => UpdateReplacePolicy);
      expect(new Set(whenReplaced)).toEqual(new Set(['Retain']));
      expect(resource(template, 'IdentityManagedUsers').Properties).toMatchObject({
        DeletionProtection: 'ACTIVE',
      });
    });

    // CloudFormation cannot delete what is protected: the roll back of a first deploy would fail at it.
    it('lets a first deploy that fails take its buckets and logs along, but nothing that is protected', () => {
      const whenDeleted = (kind: string): Set<string | undefined> =>
        new Set(Object.values(resources(template, kind)).map(({ DeletionPolicy }) => DeletionPolicy));
      expect(whenDeleted('AWS::S3::Bucket')).toEqual(new Set(['RetainExceptOnCreate']));
      expect(whenDeleted('AWS::Logs::LogGroup')).toEqual(new Set(['RetainExceptOnCreate']));
      expect(whenDeleted('AWS::DynamoDB::GlobalTable')).toEqual(new Set(['Retain']));
      expect(whenDeleted('AWS::Cognito::UserPool')).toEqual(new Set(['Retain']));
    });

    it('gives every table recovery and deletion protection', () => {
      for (const replica of replicas(template)) {
        expect(replica).toMatchObject([
          {
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        ]);
      }
    });
  });
});
