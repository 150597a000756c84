import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Records why a finding of the template checks is accepted for this construct and all below it. The finding is
 * named in full, e.g. `AwsSolutions-S1`; every other one still fails the check.
 */
export function acknowledge(construct: IConstruct, finding: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: finding, reason });
}
