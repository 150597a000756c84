import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { RedriveError } from './redrive-error.ts';

/** What a redrive must know of a deployed stage. */
export interface Deployment {
  readonly bucket: string;
  readonly eventsTable: string;
  readonly historySeconds: number;
}

/**
 * Reads the outputs of a stage's stack, in the account and region of the environment.
 *
 * @throws RedriveError; what the SDK throws
 */
export async function findDeployment(stage: string): Promise<Deployment> {
  const stackName = `Taskwire-${stage}`;
  const client = new CloudFormationClient();
  const region = await client.config.region();
  const { Stacks: [stack] = [] } = await client
    .send(new DescribeStacksCommand({ StackName: stackName }))
    .catch((error: unknown) => {
      // CloudFormation has no code of its own for it.
      if (!(error instanceof Error && /does not exist/.test(error.message))) throw error;
      throw new RedriveError(
        `there is no stack ${stackName} in ${region}: check --stage, AWS_PROFILE and AWS_REGION`,
        { cause: error },
      );
    });
  const outputs = new Map(stack?.Outputs?.map(({ OutputKey: key, OutputValue: value }) => [key, value]));
  const output = (name: string): string => {
    const value = outputs.get(name);
    if (value !== undefined) return value;
    throw new RedriveError(
      `the stack ${stackName} in ${region} has no output ${name}: deploy this version first`,
    );
  };
  return {
    bucket: output('FailedBatchesBucket'),
    eventsTable: output('EventsTableName'),
    historySeconds: Number(output('HistorySeconds')),
  };
}
