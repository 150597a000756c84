import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../../core/clock.ts';
import type { StageConfig } from '../../lib/config/stage-schema.ts';
import type { Deployment } from '../../tools/smoke/deployment.ts';
import type { Aws } from './aws/aws.ts';

/** The settings of a stage that experiments compare with. */
export type StageFacts = Pick<
  StageConfig,
  | 'name'
  | 'edge'
  | 'monitoring'
  | 'metrics'
  | 'gaugeMinutes'
  | 'paddingBytes'
  | 'pollMaxMs'
  | 'sessionSeconds'
  | 'historySeconds'
>;

/** The tables of a stage that experiments look at. */
export interface StageTables {
  readonly client: DynamoDBDocumentClient;
  readonly connections: string;
  readonly events: string;
}

/** What experiments work on: a stage, as a client and as its operator see it. */
export interface Context {
  readonly stage: StageFacts;
  /** The stage as a client sees it, by the token that was given. */
  readonly deployment: Deployment;
  /** Where its WebSocket answers, where that is known, and how to open it. */
  readonly socket: { readonly url: URL; readonly token: string } | undefined;
  readonly tables: StageTables;
  /** The services of the account; undefined for a local stack. */
  readonly aws: Aws | undefined;
  /** The day whose bill is looked at, `2026-11-27`. */
  readonly billedDay: string;
  /** Long waits go by it, so that a test need not wait as long. */
  readonly clock: Clock;
  /** Whether an experiment may take hours. */
  readonly mayTakeHours: boolean;
  /** Whether settings of functions may be changed for some minutes. */
  readonly mayChangeSettings: boolean;
  /** Aborted when the time of the experiment is over, or when whoever runs it stops it. */
  readonly signal: AbortSignal;
  /** Says how far it is. */
  readonly say: (line: string) => void;
}

/**
 * The account's services, for an experiment that needs them.
 * @throws {TypeError} for one that has not said so.
 */
export function awsOf({ aws }: Context): Aws {
  if (aws === undefined) throw new TypeError('the experiment needs an account and does not say so');
  return aws;
}

/**
 * Asks until there is an answer, or until it has taken too long.
 * @param limitMs by the clock of the experiments.
 * @returns undefined when it has taken too long. Rejects as the question does, and when the experiment is stopped.
 */
export async function askUntil<Answer>(
  { clock, signal }: Pick<Context, 'clock' | 'signal'>,
  { limitMs, pauseMs }: { readonly limitMs: number; readonly pauseMs: number },
  ask: () => Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  const end = clock.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || clock.now() >= end) return answer;
    await clock.sleep(Math.min(pauseMs, end - clock.now()), signal);
    signal.throwIfAborted();
  }
}
