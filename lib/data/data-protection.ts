import { RemovalPolicy } from 'aws-cdk-lib';
import type { TableOptionsV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { StageConfig } from '../config/stage-schema.ts';

/** Gives the CloudFormation policy for what holds data when the stack or the resource goes. */
export function removalPolicy(config: StageConfig): RemovalPolicy {
  return config.removalPolicy === 'destroy' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
}

/**
 * Gives the policy for what holds data, but can be deleted while it is new: buckets and log groups. A first deploy that
 * fails takes them along, and leaves nothing that has to be found and paid for. Not for tables and users: they are
 * protected from their first moment on, so that deleting them would fail the roll back too.
 * Source: "DeletionPolicy attribute", CloudFormation template reference.
 */
export function removalPolicyOnceCreated(config: StageConfig): RemovalPolicy {
  return config.removalPolicy === 'destroy'
    ? RemovalPolicy.DESTROY
    : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
}

/** Gives the table settings that keep data from being lost, as the stage wants them. */
export function tableProtection(config: StageConfig): Pick<
  TableOptionsV2,
  'pointInTimeRecoverySpecification' | 'deletionProtection'
> & {
  readonly removalPolicy: RemovalPolicy;
} {
  return {
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: config.pointInTimeRecovery },
    deletionProtection: config.deletionProtection,
    removalPolicy: removalPolicy(config),
  };
}
