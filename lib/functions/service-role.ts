import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { StageConfig } from '../config/stage-schema.ts';
import { removalPolicyOnceCreated } from '../data/data-protection.ts';

/**
 * What code of this stack runs as: a role of its own, and a log, which has an end. On Lambda it may write that log, as which
 * it runs; on ECS the platform does. What else it may do is granted by name.
 */
export class ServiceRole {
  readonly logGroup: LogGroup;
  readonly role: Role;

  /** @param service whose service runs it. */
  constructor(
    scope: Construct,
    config: StageConfig,
    service: 'lambda.amazonaws.com' | 'ecs-tasks.amazonaws.com',
  ) {
    this.logGroup = new LogGroup(scope, 'Logs', {
      retention: config.logRetentionDays,
      removalPolicy: removalPolicyOnceCreated(config),
    });
    // Not the managed AWSLambdaBasicExecutionRole, which may create and write any log group of the account.
    this.role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal(service) });
    if (service === 'lambda.amazonaws.com')
      this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]);
  }

  /** Lets it take exactly these actions on exactly these ARNs. */
  allow(actions: string[], resources: string[]): void {
    this.role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources }));
  }
}
