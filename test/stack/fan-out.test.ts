import { devTemplate, localTemplate, plain, resource } from './synthesized.ts';

const template = localTemplate();

describe('the mapping from the stream to the fan-out function', () => {
  const { Properties } = resource(template, 'FanOutMapping');

  it('reads the whole stream of tasks in order', () => {
    expect(plain(Properties['EventSourceArn'])).toBe('TasksTable.StreamArn');
    expect(Properties).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      ParallelizationFactor: 1,
      BatchSize: 200,
      MaximumBatchingWindowInSeconds: 0,
    });
  });

  it('retries the records that failed, without limit, until they are 20 h old', () => {
    expect(Properties).toMatchObject({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: -1,
      MaximumRecordAgeInSeconds: 72_000,
    });
  });

  it('skips the items that are no tasks', () => {
    const { Filters } = Properties['FilterCriteria'] as { Filters: { Pattern: string }[] };

    expect(Filters.map(({ Pattern }) => JSON.parse(Pattern) as unknown)).toEqual([
      { dynamodb: { Keys: { id: { N: [{ 'anything-but': ['0'] }] } } } },
    ]);
  });

  it('gives up before the history ends, where that is shorter', async () => {
    const short = await devTemplate({ historySeconds: 3_600 });

    expect(resource(short, 'FanOutMapping').Properties['MaximumRecordAgeInSeconds']).toBe(3_000);
  });
});

describe('the bucket of failed batches', () => {
  it('is where the mapping gives up', () => {
    const { DestinationConfig } = resource(template, 'FanOutMapping').Properties as {
      DestinationConfig: { OnFailure: { Destination: unknown } };
    };

    expect(plain(DestinationConfig.OnFailure.Destination)).toBe('FanOutFailedBatchesBucket.Arn');
  });

  it('is private, encrypted and emptied after 90 days', () => {
    expect(resource(template, 'FanOutFailedBatchesBucket').Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 90, Status: 'Enabled' }] },
    });
  });

  it('refuses what comes without TLS', () => {
    expect(resource(template, 'FanOutFailedBatchesBucketPolicy').Properties).toMatchObject({
      PolicyDocument: {
        Statement: [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
      },
    });
  });
});
