import { compareStage } from '../../tools/review/compare-stage.ts';
import { findingsOf, policy, sampleTemplate, staged } from './template-samples.ts';

const texts = (findings: ReadonlyArray<{ readonly text: string }>): string[] =>
  findings.map(({ text }) => text);
const alarming = (findings: ReturnType<typeof findingsOf>): string[] =>
  texts(findings.filter((finding) => finding.alarming));

describe('a review of two equal templates', () => {
  it('says nothing', () => {
    expect(findingsOf(() => undefined)).toEqual([]);
  });
});

describe('a change that can lose data', () => {
  it('is a table that is dropped but kept in the account', () => {
    const found = findingsOf((resources) => delete resources['TasksTable'], 'data-loss');
    expect(alarming(found)).toEqual([
      '**`TasksTable/Table`** (AWS::DynamoDB::GlobalTable) leaves the stack: its items stay in the account, but nothing uses them any more',
    ]);
  });

  it('is a bucket that is deleted with its objects', () => {
    const found = findingsOf((resources) => delete resources['Bucket'], 'data-loss');
    expect(alarming(found)).toEqual(['**`Bucket`** (AWS::S3::Bucket) is deleted, and its objects with it']);
  });

  it('is a table that CloudFormation replaces', () => {
    const found = findingsOf(({ TasksTable }) => {
      TasksTable!.Properties['KeySchema'] = [{ AttributeName: 'tenant', KeyType: 'HASH' }];
    }, 'data-loss');
    expect(alarming(found)).toEqual([
      expect.stringContaining(
        'is replaced by a new and empty one (`KeySchema`); its items stay in the account with the old one',
      ),
    ]);
  });

  it('is protection that goes', () => {
    const found = findingsOf((resources) => {
      const { DeletionPolicy: _, ...unprotected } = resources['TasksTable']!;
      resources['TasksTable'] = unprotected;
      unprotected.Properties['Replicas'] = [
        {
          Region: { Ref: 'AWS::Region' },
          DeletionProtectionEnabled: false,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
        },
      ];
      unprotected.Properties['TimeToLiveSpecification'] = { AttributeName: 'updated_at', Enabled: true };
    }, 'data-loss');
    expect(alarming(found)).toEqual([
      expect.stringContaining('DeletionPolicy `Retain` → `Delete`'),
      expect.stringContaining('DeletionProtectionEnabled` `true` → `false`'),
      expect.stringContaining('PointInTimeRecoveryEnabled` `true` → `false`'),
      expect.stringContaining('TimeToLiveSpecification.AttributeName` `expires` → `updated_at`'),
    ]);
  });

  it('is not protection that comes', () => {
    const before = sampleTemplate();
    before['TasksTable']!.Properties['Replicas'] = [
      { Region: { Ref: 'AWS::Region' }, DeletionProtectionEnabled: false },
    ];
    const found = compareStage(staged({ Resources: before }), staged({ Resources: sampleTemplate() }));
    expect(alarming(found)).toEqual([]);
    expect(texts(found)).toContainEqual(
      expect.stringContaining('DeletionProtectionEnabled` `false` → `true`'),
    );
  });
});

describe('a change that opens access', () => {
  const setStatement = (statement: Readonly<Record<string, unknown>>) =>
    findingsOf(({ TasksPolicy }) => {
      TasksPolicy!.Properties['PolicyDocument'] = policy([statement]);
    }, 'security');
  const whole = {
    Effect: 'Allow',
    Action: ['dynamodb:GetItem', 'dynamodb:Query'],
    Resource: { 'Fn::GetAtt': ['TasksTable', 'Arn'] },
    Condition: { Bool: { 'aws:SecureTransport': 'true' } },
  };

  it('is a permission that is added, and only that one is told', () => {
    const found = setStatement({ ...whole, Action: [...whole.Action, 'dynamodb:Scan'] });
    expect(found).toEqual([
      {
        section: 'security',
        alarming: true,
        text: 'added: Allow `dynamodb:Scan` on `TasksTable/Table` to `AWS:Api/Tasks/Role` when `{"Bool":{"aws:SecureTransport":"true"}}`',
      },
    ]);
  });

  it('is a wildcard, for actions and resources', () => {
    const [first] = alarming(setStatement({ ...whole, Action: 'dynamodb:*', Resource: '*' }));
    expect(first).toContain('`dynamodb:*` on `*` to `AWS:Api/Tasks/Role`');
    expect(first).toContain('**wildcard action, any resource**');
  });

  it('is a condition that goes', () => {
    const { Condition: _, ...unconditional } = whole;
    const [first] = alarming(setStatement(unconditional));
    expect(first).toContain('no longer only when `{"Bool":{"aws:SecureTransport":"true"}}`');
  });

  it('is not a permission that goes, nor a statement that is only written otherwise', () => {
    const narrowed = setStatement({ ...whole, Action: 'dynamodb:GetItem' });
    expect(narrowed).toEqual([
      expect.objectContaining({
        alarming: false,
        text: expect.stringMatching(/^removed: Allow `dynamodb:Query`/),
      }),
    ]);
    expect(setStatement({ ...whole, Action: whole.Action.toReversed() })).toEqual([]);
  });

  it('is a permission of a function for anybody', () => {
    const found = findingsOf((resources) => {
      resources['Anybody'] = {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          Action: 'lambda:InvokeFunctionUrl',
          FunctionName: { 'Fn::GetAtt': ['TasksFunction', 'Arn'] },
          FunctionUrlAuthType: 'NONE',
          Principal: '*',
        },
      };
    }, 'security');
    expect(alarming(found)).toEqual([
      expect.stringMatching(/`lambda:InvokeFunctionUrl` on `Api\/Tasks\/Function` to `\*`.*\*\*anybody\*\*/),
    ]);
  });

  it.each([
    ['Url', 'AuthType', 'NONE', '`AuthType` `AWS_IAM` → `NONE`: anybody can call'],
    ['Url', 'Cors', { AllowOrigins: ['*'] }, 'set to `*`: pages of every origin can call'],
    [
      'Url',
      'Cors',
      { AllowOrigins: ['https://board.example', 'https://evil.example'] },
      'set to `https://evil.example`: pages of this origin can call',
    ],
    ['Bucket', 'PublicAccessBlockConfiguration', {}, '`true`: a policy or an access list can make'],
    [
      'TasksFunction',
      'Environment',
      { Variables: { JWT_ISSUER: 'https://evil.example', POLL_MIN_MS: '250' } },
      '→ `https://evil.example`: whose tokens are accepted',
    ],
  ])('is %s with another %s', (logicalId, property, value, expected) => {
    const found = findingsOf((resources) => {
      resources[logicalId]!.Properties[property] = value;
    }, 'security');
    expect(alarming(found)).toContainEqual(expect.stringContaining(expected));
  });

  it('is a bucket that can be public from the start', () => {
    const found = findingsOf((resources) => {
      resources['Uploads'] = { Type: 'AWS::S3::Bucket', Properties: {} };
    }, 'security');
    expect(alarming(found)).toEqual([
      '**`Uploads`** (AWS::S3::Bucket) is created without blocking public access',
    ]);
  });
});

describe('a harmless change', () => {
  it('is told among the others, and alarms nobody', () => {
    const found = findingsOf(({ TasksFunction }) => {
      TasksFunction!.Properties['Description'] = 'Tasks.';
      TasksFunction!.Properties['Code'] = { S3Bucket: 'assets', S3Key: 'b.zip' };
    });
    expect(found).toEqual([
      {
        section: 'resources',
        alarming: false,
        text: '**`Api/Tasks/Function`** (AWS::Lambda::Function) changes: its code; `Description` `Reads and writes tasks.` → `Tasks.`',
      },
    ]);
  });

  it('makes nothing but text of what a template holds', () => {
    const found = findingsOf(({ TasksFunction }) => {
      TasksFunction!.Properties['Description'] = '`@everyone`\n# <img src=x>';
    });
    expect(texts(found)).toEqual([expect.stringContaining('→ `ˋ@everyoneˋ # <img src=x>`')]);
  });
});

describe('a change of the bill', () => {
  it('is told with its direction', () => {
    const found = findingsOf((resources) => {
      const { TasksFunction, TasksTable } = resources;
      TasksFunction!.Properties['MemorySize'] = 1024;
      TasksFunction!.Properties['Environment'] = {
        Variables: { JWT_ISSUER: 'https://issuer.example', POLL_MIN_MS: '125' },
      };
      TasksTable!.Properties['BillingMode'] = 'PROVISIONED';
      resources['Firewall'] = { Type: 'AWS::WAFv2::WebACL', Properties: {} };
    }, 'cost');
    expect(texts(found)).toEqual([
      expect.stringContaining(
        '`POLL_MIN_MS` `250` → `125` (-50 %)'.replace('`POLL', '`Environment.Variables.POLL'),
      ),
      expect.stringContaining('`MemorySize` `512` → `1024` (+100 %)'),
      '**`Firewall`** (AWS::WAFv2::WebACL) is new, billed by the month, each rule, and requests',
      expect.stringContaining('`BillingMode` `PAY_PER_REQUEST` → `PROVISIONED`'),
    ]);
  });
});

describe('a stage on one side only', () => {
  it('that is new is judged by its access alone', () => {
    const found = compareStage(undefined, staged({ Resources: sampleTemplate() }));
    expect(new Set(found.map(({ section }) => section))).toEqual(new Set(['security', 'resources']));
    expect(texts(found).at(-1)).toMatch(/^the stage is new: 1 AWS::DynamoDB::GlobalTable, /);
  });

  it('that is gone from the code stays in the account', () => {
    const found = compareStage(staged({ Resources: sampleTemplate() }), undefined);
    expect(texts(found)).toEqual([expect.stringContaining('its stack stays in the account')]);
  });
});
