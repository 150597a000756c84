import { CommandError } from '../../commands/command-error.ts';
import type { StackTemplate } from '../template/stack-template.ts';

/** What becomes of the events of a function that is invoked asynchronously. */
export interface InvokeConfig {
  /** How often an event is tried again that the function failed on. */
  readonly maximumRetryAttempts: number;
  /** How old an event may be when it is tried again, seconds. */
  readonly maximumEventAgeSeconds: number;
}

/** Lambda's defaults. Source: "How Lambda handles errors and retries with asynchronous invocation", developer guide. */
export const defaultInvokeConfig: InvokeConfig = {
  maximumRetryAttempts: 2,
  maximumEventAgeSeconds: 6 * 3600,
};

const understood = new Set(['FunctionName', 'Qualifier', 'MaximumRetryAttempts', 'MaximumEventAgeInSeconds']);

/**
 * Reads the settings of asynchronous invocations, by the names of their functions.
 * @throws {CommandError} for a property that the local stack does not act on.
 */
export function readInvokeConfigs(template: StackTemplate): Map<string, InvokeConfig> {
  const configs = new Map<string, InvokeConfig>();
  for (const { logicalId, properties } of template.resourcesOfType('AWS::Lambda::EventInvokeConfig')) {
    const refuse = (what: string): never => {
      throw new CommandError(
        `event invoke config ${logicalId} has ${what}, which the local stack does not understand`,
      );
    };
    for (const name of Object.keys(properties)) if (!understood.has(name)) refuse(name);
    const { FunctionName, Qualifier, MaximumRetryAttempts, MaximumEventAgeInSeconds } = properties;
    if (Qualifier !== '$LATEST') refuse(`the qualifier ${String(Qualifier)}`);
    configs.set(String(FunctionName), {
      maximumRetryAttempts: Number(MaximumRetryAttempts ?? defaultInvokeConfig.maximumRetryAttempts),
      maximumEventAgeSeconds: Number(MaximumEventAgeInSeconds ?? defaultInvokeConfig.maximumEventAgeSeconds),
    });
  }
  return configs;
}
