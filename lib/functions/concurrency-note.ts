import type { StageConfig } from '../config/stage-schema.ts';

/** What AWS keeps unreserved. Source: "Configuring reserved concurrency for a function", Lambda developer guide. */
const leastUnreserved = 100;

/**
 * How many functions do not wait behind streams: tasks, connections, WebSocket, fan-out, push, and the way back of the
 * sign-in where there is one.
 */
export function keptFunctions({ edge, identity, domain }: StageConfig): number {
  return edge === 'on' && identity.kind === 'cognito' && domain === undefined ? 6 : 5;
}

/**
 * Says, for whoever deploys, what the stage takes of the account's Lambda concurrency, and what an account must have
 * for it.
 */
export function concurrencyNote(config: StageConfig): string {
  const { reservedConcurrency, streamConcurrency = 0 } = config;
  const reserved = keptFunctions(config) * reservedConcurrency + streamConcurrency;
  const look = 'aws lambda get-account-settings --query AccountLimit.ConcurrentExecutions';
  if (reserved === 0) {
    return `The stage reserves no concurrency: streams can take all that the account has (${look}), and then API and fan-out stop. The setting reservedConcurrency keeps a share for them (docs/DEPLOY.md, "Bounds").`;
  }
  const advice =
    reservedConcurrency > 0
      ? 'Where it has less, ask for more, or set reservedConcurrency to 0 for a first look'
      : 'Where it has less, ask for more, or leave streamConcurrency out';
  return `The stage reserves ${reserved} of the account's Lambda concurrency. AWS refuses the deploy unless the account has ${reserved + leastUnreserved} that nothing else reserves (${look}). ${advice} (docs/DEPLOY.md, "Bounds").`;
}
