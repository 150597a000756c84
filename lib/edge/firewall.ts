import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

/** Blocks an address that asks too often, before its requests reach a function and cost. */
export class EdgeFirewall extends Construct {
  readonly arn: string;

  /** `requestsPerAddress` is the number of requests in 5 minutes above which an address is blocked. */
  constructor(scope: Construct, id: string, requestsPerAddress: number) {
    super(scope, id);
    // Not the sampled requests: they hold query strings, and so tokens.
    const visibility = { cloudWatchMetricsEnabled: true, sampledRequestsEnabled: false };
    const acl = new CfnWebACL(this, 'Acl', {
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: { ...visibility, metricName: 'Requests' },
      rules: [
        {
          name: 'RequestsPerAddress',
          priority: 0,
          action: { block: {} },
          statement: {
            rateBasedStatement: {
              limit: requestsPerAddress,
              evaluationWindowSec: 300,
              aggregateKeyType: 'IP',
            },
          },
          visibilityConfig: { ...visibility, metricName: 'RequestsPerAddress' },
        },
      ],
    });
    this.arn = acl.attrArn;
  }
}
