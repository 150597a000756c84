import { BatchBucket } from '../../redrive/batch-bucket.ts';
import type { Aws } from './aws.ts';
import { openBilling } from './billing.ts';
import { Functions } from './functions.ts';
import { openLogs } from './logs.ts';
import { openMetrics } from './metrics.ts';
import { logicalNames, mappingName, StageResources } from './stage-resources.ts';

/**
 * Opens the services of the account and region of the environment for a deployed stage.
 * @param bucket that of its failed batches.
 */
export function openAws(stage: string, bucket: string): Aws {
  const resources = new StageResources(stage);
  const nameOf: Aws['nameOf'] = (name) => resources.named(`${logicalNames[name]}Function`);
  const logGroupOf: Aws['logGroupOf'] = (name) => resources.named(`${logicalNames[name]}Logs`);
  const functions = new Functions(nameOf, () => resources.named(mappingName));
  return {
    nameOf,
    logGroupOf,
    ...openMetrics(`Taskwire-${stage}-`),
    ...openLogs(stage, logGroupOf),
    streamUrl: () => functions.streamUrl(),
    changeEnvironment: (name, variables) => functions.changeEnvironment(name, variables),
    stopFanOut: () => functions.stopFanOut(),
    ...openBilling(),
    batches: new BatchBucket(bucket),
  };
}
