import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { StageConfig } from '../config/stage-schema.ts';

/** A topic that mails to all recipients of a stage. Each confirms once, by mail. */
export function alarmTopic(scope: Construct, { name, alarmEmails }: StageConfig): Topic {
  const topic = new Topic(scope, 'Topic', { displayName: `Taskwire ${name}`, enforceSSL: true });
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
