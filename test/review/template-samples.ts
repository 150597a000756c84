import { compareStage } from '../../tools/review/compare-stage.ts';
import type { Finding, Section } from '../../tools/review/finding.ts';
import type { Resource, StageTemplate, Template } from '../../tools/review/template.ts';

const names: Readonly<Record<string, string>> = {
  TasksTable: 'TasksTable/Table',
  TasksRole: 'Api/Tasks/Role',
  TasksFunction: 'Api/Tasks/Function',
};

/** Gives a small stage: a table, a function with its role and policy, a Function URL, a bucket. */
export function sampleTemplate(): Record<string, Resource & { Properties: Record<string, unknown> }> {
  return {
    TasksTable: {
      Type: 'AWS::DynamoDB::GlobalTable',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        KeySchema: [{ AttributeName: 'workspace', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'workspace', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
        Replicas: [
          {
            Region: { Ref: 'AWS::Region' },
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        ],
      },
    },
    TasksRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: 'sts:AssumeRole',
              Principal: { Service: 'lambda.amazonaws.com' },
            },
          ],
        },
      },
    },
    TasksPolicy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'Tasks',
        Roles: [{ Ref: 'TasksRole' }],
        PolicyDocument: policy([
          {
            Effect: 'Allow',
            Action: ['dynamodb:GetItem', 'dynamodb:Query'],
            Resource: { 'Fn::GetAtt': ['TasksTable', 'Arn'] },
            Condition: { Bool: { 'aws:SecureTransport': 'true' } },
          },
        ]),
      },
    },
    TasksFunction: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Bucket: 'assets', S3Key: 'a.zip' },
        Role: { 'Fn::GetAtt': ['TasksRole', 'Arn'] },
        MemorySize: 512,
        Timeout: 10,
        Description: 'Reads and writes tasks.',
        Environment: { Variables: { JWT_ISSUER: 'https://issuer.example', POLL_MIN_MS: '250' } },
      },
    },
    Url: {
      Type: 'AWS::Lambda::Url',
      Properties: {
        AuthType: 'AWS_IAM',
        TargetFunctionArn: { 'Fn::GetAtt': ['TasksFunction', 'Arn'] },
        Cors: { AllowOrigins: ['https://board.example'] },
      },
    },
    Bucket: {
      Type: 'AWS::S3::Bucket',
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
      Properties: { PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true } },
    },
  };
}

/** Gives a policy document. */
export function policy(statements: readonly unknown[]): unknown {
  return { Version: '2012-10-17', Statement: statements };
}

/** Gives what a deploy does that takes the sample to what `alter` makes of it. */
export function findingsOf(
  alter: (resources: ReturnType<typeof sampleTemplate>) => void,
  section?: Section,
): Finding[] {
  const after = sampleTemplate();
  alter(after);
  const findings = compareStage(staged({ Resources: sampleTemplate() }), staged({ Resources: after }));
  return section === undefined ? findings : findings.filter((finding) => finding.section === section);
}

/** Gives a template as a stage, with the names of the sample. */
export function staged(template: Template): StageTemplate {
  return { template, names: new Map(Object.entries(names)) };
}
