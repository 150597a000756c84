import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { CommandError } from '../../../commands/command-error.ts';
import type { WatchedFunction } from './aws.ts';

/** How the logical ids of functions and their log groups begin; `test/operate` holds it to the template. */
export const logicalNames: Readonly<Record<WatchedFunction, string>> = {
  tasks: 'ApiTasks',
  connections: 'ApiConnections',
  fanout: 'FanOutFanout',
  stream: 'StreamUrlStream',
  push: 'Push',
  websocket: 'SocketsWebsocket',
};

/** How the logical id of the mapping begins. */
export const mappingName = 'FanOutMapping';

/** The resources of a stack, by their logical ids; read once. */
export class StageResources {
  readonly #stackName: string;
  #found: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(stage: string) {
    this.#stackName = `Taskwire-${stage}`;
  }

  /**
   * The physical name of a resource.
   * @param begin how its logical id begins; CDK puts eight digits behind it.
   * @throws {CommandError} where the stack has none.
   */
  async named(begin: string): Promise<string> {
    this.#found ??= this.#read();
    const wanted = new RegExp(`^${begin}[0-9A-F]{8}$`);
    const found = [...(await this.#found)].find(([logical]) => wanted.test(logical))?.[1];
    if (found !== undefined) return found;
    throw new CommandError(
      `the stack ${this.#stackName} has no resource ${begin}: deploy this version first`,
    );
  }

  /** All pages: `DescribeStackResources` would give the first hundred only. */
  async #read(): Promise<ReadonlyMap<string, string>> {
    const client = new CloudFormationClient();
    const found = new Map<string, string>();
    const pages = paginateListStackResources({ client }, { StackName: this.#stackName });
    for await (const { StackResourceSummaries: resources = [] } of pages) {
      for (const { LogicalResourceId: logical, PhysicalResourceId: physical } of resources) {
        if (logical !== undefined && physical !== undefined) found.set(logical, physical);
      }
    }
    return found;
  }
}
