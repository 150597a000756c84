import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';

export interface ScheduleProps {
  readonly function: Function;
  readonly everyMinutes: number;
  readonly description: string;
}

/**
 * Has a function invoked every few minutes, each time once: a run that has failed is not repeated, nor one that comes late,
 * for the next one comes anyway.
 * @param scope gets the schedule and the role of the scheduler.
 */
export function runOnSchedule(
  scope: Construct,
  { function: scheduled, everyMinutes, description }: ScheduleProps,
): void {
  scheduled.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.seconds(60) });
  new CfnSchedule(scope, 'Schedule', {
    description,
    scheduleExpression: ScheduleExpression.rate(Duration.minutes(everyMinutes)).expressionString,
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: scheduled.functionArn,
      roleArn: schedulerRole(scope, scheduled).roleArn,
      retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
    },
  });
}

/** What the scheduler may do. Not by CDK's own target, which would let it invoke all versions too. */
function schedulerRole(scope: Construct, scheduled: Function): Role {
  return new Role(scope, 'SchedulerRole', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
    inlinePolicies: {
      Invoke: new PolicyDocument({
        statements: [
          new PolicyStatement({
            actions: ['lambda:InvokeFunction'],
            resources: [scheduled.functionArn],
          }),
        ],
      }),
    },
  });
}
