import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CommandError } from '../../commands/command-error.ts';

/**
 * Reads outputs of a stage's stack, in the account and region of the environment.
 * @throws {CommandError}; what the SDK throws.
 */
export async function readOutputs<Name extends string>(
  stage: string,
  names: readonly Name[],
): Promise<Record<Name, string>> {
  const stackName = `Taskwire-${stage}`;
  const client = new CloudFormationClient();
  const region = await client.config.region();
  const { Stacks: [stack] = [] } = await client
    .send(new DescribeStacksCommand({ StackName: stackName }))
    .catch((error: unknown) => {
      // CloudFormation has no code of its own for it.
      if (!(error instanceof Error && /does not exist/.test(error.message))) throw error;
      throw new CommandError(
        `there is no stack ${stackName} in ${region}: check --stage, AWS_PROFILE and AWS_REGION`,
        { cause: error },
      );
    });
  const outputs = new Map(stack?.Outputs?.map(({ OutputKey: key, OutputValue: value }) => [key, value]));
  const found = names.map((name) => {
    const value = outputs.get(name);
    if (value !== undefined) return [name, value];
    throw new CommandError(
      `the stack ${stackName} in ${region} has no output ${name}: deploy this version first`,
    );
  });
  return Object.fromEntries(found) as Record<Name, string>;
}
