import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { canaryEnvironment } from '../../lambdas/canary/environment.ts';
import { canaryParameter } from '../config/canary-parameter.ts';
import type { StageConfig } from '../config/stage-schema.ts';
import type { Identity } from '../identity/identity.ts';
import { functionEnvironment } from './function-environment.ts';
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
    // A run that has failed is not repeated: the next one comes anyway, and each failure counts as what it is.
    this.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.seconds(60) });
    new CfnSchedule(this, 'Schedule', {
      description: 'Runs the canary.',
      scheduleExpression: ScheduleExpression.rate(Duration.minutes(props.everyMinutes)).expressionString,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: this.function.functionArn,
        roleArn: this.#schedulerRole().roleArn,
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
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

  /** What the scheduler may do. Not by CDK's own target, which would let it invoke all versions too. */
  #schedulerRole(): Role {
    return new Role(this, 'SchedulerRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      inlinePolicies: {
        Invoke: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['lambda:InvokeFunction'],
              resources: [this.function.functionArn],
            }),
          ],
        }),
      },
    });
  }
}
