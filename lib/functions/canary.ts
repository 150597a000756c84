import { Stack } from 'aws-cdk-lib';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { canaryEnvironment } from '../../lambdas/canary/environment.ts';
import { canaryParameter } from '../config/canary-parameter.ts';
import type { StageConfig } from '../config/stage-schema.ts';
import type { Identity } from '../identity/identity.ts';
import { functionEnvironment } from './function-environment.ts';
import { runOnSchedule } from './schedule.ts';
import { ServiceFunction } from './service-function.ts';

export interface CanaryProps {
  readonly config: StageConfig;
  readonly everyMinutes: number;
  readonly identity: Identity;
  /** Where clients reach the API, and where the stream. */
  readonly apiUrl: string;
  readonly streamUrl: string;
}

/** Three frames, each of which may be held until the ping of 15 s later, and all else. Seconds. */
const probeSeconds = 60;
/** Cleaning up, which takes 20 s at the most (lambdas/canary/canary.ts), and saying how it went. Seconds. */
const endSeconds = 30;

/**
 * A client of the stage that writes a task every few minutes, waits for its frame and deletes it, over the way that
 * everybody's requests go. It has no right to anything of the stage, but a credential as a user has one.
 */
export class Canary extends Construct {
  readonly function: Function;

  constructor(scope: Construct, id: string, props: CanaryProps) {
    super(scope, id);
    this.function = this.#canaryFunction(props).function;
    // Each failure counts as what it is: nothing is tried again.
    runOnSchedule(this, {
      function: this.function,
      everyMinutes: props.everyMinutes,
      description: 'Runs the canary.',
    });
  }

  #canaryFunction({ config, identity, apiUrl, streamUrl }: CanaryProps): ServiceFunction {
    const name = canaryParameter(config.name);
    // No concurrency is kept for it: it shall meet what its stage's users meet.
    const service = new ServiceFunction(this, 'Canary', {
      name: 'canary',
      description: 'Writes a task, waits for its frame and deletes it.',
      config,
      timeoutSeconds: probeSeconds + endSeconds,
      environment: functionEnvironment(canaryEnvironment, config, {
        API_URL: apiUrl,
        STREAM_URL: streamUrl,
        CREDENTIAL_PARAMETER: name,
        PROBE_SECONDS: probeSeconds,
      }),
    });
    // The key that it is encrypted with, aws/ssm, lets everybody of the account decrypt who may read the parameter.
    // Source: "Restricting decryption of SecureString parameter values", Systems Manager user guide.
    service.allow(
      ['ssm:GetParameter'],
      [Stack.of(this).formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.slice(1) })],
    );
    // Whoever signs in so still needs the user's password.
    if (identity.userPoolArn !== undefined)
      service.allow(['cognito-idp:AdminInitiateAuth'], [identity.userPoolArn]);
    return service;
  }
}
