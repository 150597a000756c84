import { Aws, Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { FanOut } from '../functions/fan-out.ts';
import type { StageConfig } from '../config/stage-schema.ts';
import type { Push } from '../functions/push.ts';
import type { StreamUrl } from '../functions/stream-url.ts';

export interface AlarmsProps {
  readonly config: StageConfig;
  readonly api: HttpApi;
  readonly fanOut: FanOut;
  readonly stream: StreamUrl;
  /** The function of the WebSocket. */
  readonly sockets: Function;
  readonly push: Push;
  /** All functions that log what they soften for clients. */
  readonly functions: readonly Function[];
}

const period = Duration.minutes(1);

/**
 * Mails to the operators of what users would otherwise be the first to see. Each recipient confirms once, by mail.
 *
 * Each function is watched from outside: the fan-out by the age of what waits for it, which grows with its errors and
 * throttles, those behind the API by the API's server errors, the stream function and that of the WebSocket by
 * themselves, and the one that pushes by the orders that it never gets. What they soften for clients is counted in their logs.
 */
export class Alarms extends Construct {
  readonly #action: SnsAction;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { config, api, fanOut, stream, sockets, push, functions } = props;
    this.#action = new SnsAction(this.#topicFor(config));
    this.#addDelivery(fanOut);
    this.#addStreams(stream);
    this.#addSockets(sockets);
    this.#addPush(push);
    this.#addTrouble(config, functions);
    this.#add('FailedRequests', {
      text: 'The API answers with server errors; the logs of its functions say why.',
      metric: api.metricServerError({ statistic: Stats.SUM, period }),
      threshold: 5,
      periods: 3,
    });
  }

  /** A topic that mails to all recipients. */
  #topicFor({ name, alarmEmails }: StageConfig): Topic {
    const topic = new Topic(this, 'Topic', {
      displayName: `Taskwire ${name}`,
      enforceSSL: true,
    });
    // A topic with a policy of its own has lost the one that lets its account publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    for (const email of alarmEmails) topic.addSubscription(new EmailSubscription(email));
    return topic;
  }

  #addDelivery(fanOut: FanOut): void {
    this.#add('LateEvents', {
      text: 'Changes wait for more than a minute before they reach the log: the fan-out fails or is too slow.',
      metric: fanOut.function.metric('IteratorAge', { statistic: Stats.MAXIMUM, period }),
      threshold: 60_000,
      periods: 3,
    });
    this.#add('FailedBatches', {
      text: 'Changes were too old to be retried and lie in the bucket of failed batches: clients have not heard of them. Run npm run redrive, which says what it would do, and then with --apply.',
      // Source: "Event source mapping metrics", Lambda developer guide.
      metric: new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'OnFailureDestinationDeliveredEventCount',
        dimensionsMap: { EventSourceMappingUUID: fanOut.mapping.eventSourceMappingId },
        statistic: Stats.SUM,
        period,
      }),
      threshold: 0,
      periods: 1,
    });
  }

  #addStreams(stream: StreamUrl): void {
    this.#add('RefusedStreams', {
      text: 'Streams are refused: streamConcurrency or the concurrency of the account is used up.',
      metric: stream.function.metricThrottles({ period }),
      threshold: 0,
      periods: 3,
    });
    this.#add('FailedStreams', {
      text: 'Streams end with errors of their function; its log says why.',
      metric: stream.function.metricErrors({ statistic: Stats.SUM, period }),
      threshold: 5,
      periods: 3,
    });
  }

  #addSockets(sockets: Function): void {
    this.#add('RefusedSockets', {
      text: 'WebSockets are refused, or their messages lost: the concurrency of the account, or what is kept for the function, is used up.',
      metric: sockets.metricThrottles({ period }),
      threshold: 0,
      periods: 3,
    });
    this.#add('FailedSockets', {
      text: 'The function of the WebSocket fails; its log says why.',
      metric: sockets.metricErrors({ statistic: Stats.SUM, period }),
      threshold: 5,
      periods: 3,
    });
  }

  #addPush(push: Push): void {
    this.#add('LostPushes', {
      text: 'New events are not pushed to WebSockets: the concurrency of the account, or what is kept for the function, is used up. Clients hear of them minutes later.',
      // Source: "Types of metrics for Lambda functions", asynchronous invocation metrics, Lambda developer guide.
      metric: push.function.metric('AsyncEventsDropped', { statistic: Stats.SUM, period }),
      threshold: 5,
      periods: 3,
    });
  }

  #addTrouble(config: StageConfig, functions: readonly Function[]): void {
    this.#add('PassingTrouble', {
      text: 'Functions meet trouble that will pass: throttled tables, an issuer without keys. Clients are told to come back; the logs say why.',
      metric: this.#count('passing', config, functions),
      threshold: 5,
      periods: 3,
    });
    this.#add('LastingTrouble', {
      text: 'A function meets what does not pass by itself: a missing right, a table that is gone, a mistake. Clients may only see that they must come back; the log says why.',
      metric: this.#count('lasting', config, functions),
      threshold: 0,
      periods: 1,
    });
  }

  /**
   * Counts the lines of `reportTrouble` (lambdas/shared/runtime/trouble.ts) in the logs of all functions: the stream
   * answers trouble with 200, and the API some with 429, so that neither errors nor statuses show it.
   */
  #count(kind: 'passing' | 'lasting', { name }: StageConfig, functions: readonly Function[]): IMetric {
    const namespace = `Taskwire/${name}`;
    const metricName = `${kind === 'lasting' ? 'Lasting' : 'Passing'}Trouble`;
    for (const [index, { logGroup }] of functions.entries()) {
      new MetricFilter(this, `${metricName}Filter${index}`, {
        logGroup,
        metricNamespace: namespace,
        metricName,
        // A function logs an object as the message of its line.
        filterPattern: FilterPattern.stringValue('$.message.trouble', '=', kind),
      });
    }
    return new Metric({ namespace, metricName, statistic: Stats.SUM, period });
  }

  #add(id: string, alarm: { text: string; metric: IMetric; threshold: number; periods: number }): void {
    new Alarm(this, id, {
      alarmDescription: alarm.text,
      metric: alarm.metric,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: alarm.threshold,
      evaluationPeriods: alarm.periods,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(this.#action);
  }
}
