import type { StageName } from './stage-names.ts';

/**
 * The name of the parameter that holds the credential of a stage's canary. Not of the stack's making: CloudFormation makes
 * no encrypted parameters, and so the credential can be there before the canary is.
 * Source: "AWS::SSM::Parameter", CloudFormation template reference.
 */
export function canaryParameter(stage: StageName): string {
  return `/taskwire/${stage}/canary`;
}
