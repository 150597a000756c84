import type { Template } from 'aws-cdk-lib/assertions';
import { plain, resource, resources, stageTemplate } from './synthesized.ts';

function output(template: Template, name: string): string {
  const { Outputs } = template.toJSON() as { Outputs: Record<string, { Value: unknown }> };
  return plain(Outputs[name]?.Value);
}

describe('the access log of the edge', () => {
  let template: Template;
  beforeAll(async () => {
    template = await stageTemplate('staging');
  });

  it('holds nothing that can carry a token', () => {
    const { RecordFields } = resource(template, 'EdgeAccessLogDelivery').Properties as {
      RecordFields: string[];
    };

    expect(RecordFields).toEqual(expect.arrayContaining(['cs-method', 'cs-uri-stem', 'sc-status']));
    expect(RecordFields.filter((field) => /query|\(|forwarded/.test(field))).toEqual([]);
    // The older kind of log has every field.
    expect(resource(template, 'EdgeDistribution').Properties['DistributionConfig']).not.toHaveProperty(
      'Logging',
    );
  });

  it('goes from the distribution to a private bucket that only the delivery of logs writes', () => {
    const { PolicyDocument } = resource(template, 'EdgeAccessLogBucketPolicy').Properties as {
      PolicyDocument: { Statement: { Effect: string; Resource: unknown }[] };
    };
    const [allowed, ...others] = PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Allow');

    expect(others).toEqual([]);
    expect(allowed).toMatchObject({
      Principal: { Service: 'delivery.logs.amazonaws.com' },
      Action: 's3:PutObject',
    });
    expect(plain(allowed?.Resource)).toBe('EdgeAccessLogBucket.Arn/AWSLogs/AWS::AccountId/*');
    expect(resource(template, 'EdgeAccessLogBucket').Properties).toMatchObject({
      PublicAccessBlockConfiguration: { RestrictPublicBuckets: true },
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 14 }] },
    });
    // Both would write the bucket's policy at the same moment.
    const { DependsOn } = resource(template, 'EdgeAccessLogDestination');
    expect([DependsOn].flat().map((id) => plain({ Ref: id }))).toEqual(['EdgeAccessLogBucketPolicy']);
    expect(plain(resource(template, 'EdgeAccessLogSource').Properties['ResourceArn'])).toBe(
      'arn:aws:cloudfront::AWS::AccountId:distribution/EdgeDistribution',
    );
  });

  it('has names of its own in each stage', async () => {
    const production = await stageTemplate('production');
    const nameIn = (stage: Template): unknown => resource(stage, 'EdgeAccessLogSource').Properties['Name'];

    expect(nameIn(production)).not.toBe(nameIn(template));
  });
});

it('a domain brings its certificate and a newer TLS', async () => {
  const template = await stageTemplate('production', {
    domain: 'board.example.com',
    certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d',
  });

  expect(resource(template, 'EdgeDistribution').Properties['DistributionConfig']).toMatchObject({
    Aliases: ['board.example.com'],
    ViewerCertificate: { MinimumProtocolVersion: 'TLSv1.2_2021', SslSupportMethod: 'sni-only' },
  });
  expect(output(template, 'Url')).toBe('https://board.example.com');
  expect(output(template, 'DistributionDomainName')).toBe('EdgeDistribution.DomainName');
});

describe('the firewall', () => {
  it('is there when the stage asks for it, and keeps no samples of requests', async () => {
    const template = await stageTemplate('staging', { requestsPerAddress: 2_000 });
    const { Rules, VisibilityConfig, Scope } = resource(template, 'EdgeFirewallAcl').Properties as {
      Rules: { VisibilityConfig: unknown }[];
      VisibilityConfig: unknown;
      Scope: string;
    };

    expect(Scope).toBe('CLOUDFRONT');
    expect(Rules).toEqual([
      expect.objectContaining({
        Action: { Block: {} },
        Statement: {
          RateBasedStatement: { AggregateKeyType: 'IP', EvaluationWindowSec: 300, Limit: 2_000 },
        },
      }),
    ]);
    for (const visibility of [VisibilityConfig, Rules[0]?.VisibilityConfig]) {
      expect(visibility).toMatchObject({ SampledRequestsEnabled: false });
    }
    const { WebACLId } = resource(template, 'EdgeDistribution').Properties['DistributionConfig'] as {
      WebACLId: unknown;
    };
    expect(plain(WebACLId)).toBe('EdgeFirewallAcl.Arn');
  });

  it('is not there when it does not', async () => {
    expect(resources(await stageTemplate('staging'), 'AWS::WAFv2::WebACL')).toEqual({});
  });
});
