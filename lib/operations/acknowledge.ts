import { DefaultStackSynthesizer, Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { StageConfig } from '../config/stage-schema.ts';

/**
 * Records why a finding of the template checks is accepted for this construct and all below it. The finding is
 * named in full, e.g. `AwsSolutions-S1`; every other one still fails the check.
 */
export function acknowledge(construct: IConstruct, finding: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: finding, reason });
}

/** As `acknowledge`, for a grant on an ARN with a wildcard, which the finding names with references in angle brackets. */
export function acknowledgeWildcard(role: IConstruct, arn: string, reason: string): void {
  const resolved: unknown = Stack.of(role).resolve(arn);
  acknowledge(role, `AwsSolutions-IAM5[Resource::${withReferences(resolved)}]`, reason);
}

/** As `acknowledge`, for a grant on all that a deploy has uploaded to the bucket of CDK. */
export function acknowledgeUploads(
  role: IConstruct,
  { name, account, region }: StageConfig,
  reason: string,
): void {
  // The local stage is bound to no region.
  const [partition, place] = name === 'local' ? ['<AWS::Partition>', '<AWS::Region>'] : ['aws', region];
  const bucket = `cdk-${DefaultStackSynthesizer.DEFAULT_QUALIFIER}-assets-${account ?? '<AWS::AccountId>'}-${place}`;
  acknowledge(role, `AwsSolutions-IAM5[Resource::arn:${partition}:s3:::${bucket}/*]`, reason);
}

/** A text of the template with its references in angle brackets. */
function withReferences(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref: name, 'Fn::Join': joined } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  if (name !== undefined) return `<${name}>`;
  if (joined === undefined) throw new TypeError(`no finding is named by ${JSON.stringify(value)}`);
  return joined[1].map(withReferences).join(joined[0]);
}
