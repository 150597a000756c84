import {
  DeleteFunctionConcurrencyCommand,
  GetEventSourceMappingCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetFunctionUrlConfigCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { setTimeout as wait } from 'node:timers/promises';
import { CommandError } from '../../../commands/command-error.ts';
import type { Aws, WatchedFunction } from './aws.ts';

const mostWaitSeconds = 120;
/** What AWS takes at the least. Source: MaximumRecordAgeInSeconds, UpdateEventSourceMapping, Lambda API reference. */
const shortestRecordAgeSeconds = 60;
const mappingPauseMs = 2000;

/** Lambda's part of {@link Aws}. */
export class Functions implements Pick<Aws, 'streamUrl' | 'changeEnvironment' | 'stopFanOut'> {
  readonly #client = new LambdaClient();
  readonly #nameOf: Aws['nameOf'];
  readonly #mappingId: () => Promise<string>;

  /** @param mappingId the id of the mapping of the fan-out. */
  constructor(nameOf: Aws['nameOf'], mappingId: () => Promise<string>) {
    this.#nameOf = nameOf;
    this.#mappingId = mappingId;
  }

  async streamUrl(): Promise<string> {
    const FunctionName = await this.#nameOf('stream');
    const { FunctionUrl: url } = await this.#client.send(new GetFunctionUrlConfigCommand({ FunctionName }));
    if (url === undefined) throw new CommandError(`${FunctionName} has no URL`);
    return url;
  }

  async changeEnvironment(
    of: WatchedFunction,
    variables: Readonly<Record<string, string>>,
  ): Promise<() => Promise<void>> {
    const FunctionName = await this.#nameOf(of);
    const { Environment } = await this.#client.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const before = Environment?.Variables ?? {};
    const were = Object.keys(variables).map((name) => `${name}=${before[name] ?? ''}`);
    const putBack = (): Promise<void> =>
      this.#setVariables(FunctionName, before).catch((error: unknown) => {
        throw notPutBack(`${FunctionName} must have ${were.join(' and ')} again`, error);
      });
    await this.#setVariables(FunctionName, { ...before, ...variables }).catch(undo(putBack));
    return putBack;
  }

  async stopFanOut(): Promise<() => Promise<void>> {
    const [FunctionName, UUID] = [await this.#nameOf('fanout'), await this.#mappingId()];
    const { ReservedConcurrentExecutions: reserved } = await this.#client.send(
      new GetFunctionConcurrencyCommand({ FunctionName }),
    );
    const { MaximumRecordAgeInSeconds: age = -1 } = await this.#client.send(
      new GetEventSourceMappingCommand({ UUID }),
    );
    const putBack = async (): Promise<void> => {
      // Both are tried, whatever becomes of the first.
      const [kept, aged] = await Promise.allSettled([
        this.#setConcurrency(FunctionName, reserved),
        this.#setRecordAge(UUID, age),
      ]);
      const text = `${FunctionName} must have the reserved concurrency ${reserved ?? 'none'}, and the mapping ${UUID} the record age ${age} again`;
      for (const each of [kept, aged]) if (each.status === 'rejected') throw notPutBack(text, each.reason);
    };
    await this.#setRecordAge(UUID, shortestRecordAgeSeconds).catch(undo(putBack));
    await this.#setConcurrency(FunctionName, 0).catch(undo(putBack));
    return putBack;
  }

  async #setVariables(FunctionName: string, Variables: Record<string, string>): Promise<void> {
    await this.#client.send(
      new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }),
    );
    const limit = { client: this.#client, maxWaitTime: mostWaitSeconds };
    await waitUntilFunctionUpdatedV2(limit, { FunctionName });
  }

  /** Keeps so many invocations for a function, which are all that it may run; none, where it is undefined. */
  async #setConcurrency(FunctionName: string, reserved: number | undefined): Promise<void> {
    if (reserved === undefined) {
      await this.#client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
      return;
    }
    const ReservedConcurrentExecutions = reserved;
    await this.#client.send(
      new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }),
    );
  }

  /** Sets it, and waits until the mapping has taken it: it refuses another change before. */
  async #setRecordAge(UUID: string, seconds: number): Promise<void> {
    await this.#client.send(
      new UpdateEventSourceMappingCommand({ UUID, MaximumRecordAgeInSeconds: seconds }),
    );
    for (let waited = 0; waited < mostWaitSeconds * 1000; waited += mappingPauseMs) {
      const { State: state } = await this.#client.send(new GetEventSourceMappingCommand({ UUID }));
      if (state === 'Enabled') return;
      await wait(mappingPauseMs);
    }
    throw new CommandError(`the mapping ${UUID} was not ready in ${mostWaitSeconds} s`);
  }
}

/** What follows a change that failed half-way. */
function undo(putBack: () => Promise<void>): (error: unknown) => Promise<never> {
  return async (error) => {
    await putBack();
    throw error;
  };
}

function notPutBack(text: string, cause: unknown): CommandError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CommandError(`NOT PUT BACK, do it by hand: ${text} (${reason})`, { cause });
}
