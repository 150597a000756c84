import { App, Validations } from 'aws-cdk-lib';
import { stageConfig, StageConfigError } from '../lib/stage-validation.ts';
import type { StageConfig } from '../lib/stage-config.ts';
import { TaskwireStack } from '../lib/taskwire-stack.ts';

// The CDK app, and the only reader of its context:
//   stage          the stage to synthesize, `dev` unless given
//   stages.<name>  settings that replace the stage's own
//   checks         whether the AwsSolutions rules are applied; not on the local stage unless given, because
//                  `npm start` waits for the synthesis and the template is never deployed

/** Gives the settings that the context asks for; ends the process with one line when they cannot work. */
function settings(context: (key: string) => unknown): StageConfig {
  const stage = context('stage') ?? 'dev';
  const replaced = context('stages') as Record<string, unknown> | undefined;
  try {
    return stageConfig(stage, replaced?.[String(stage)]);
  } catch (error) {
    if (!(error instanceof StageConfigError)) throw error;
    console.error(error.message);
    return process.exit(1);
  }
}

const app = new App();
const config = settings((key) => app.node.tryGetContext(key));

const checks: unknown = app.node.tryGetContext('checks') ?? config.name !== 'local';
if (String(checks) === 'true') {
  // Loaded only when wanted: the rules bring most of the service libraries with them.
  const { AwsSolutionsChecks } = await import('cdk-nag');
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
}

new TaskwireStack(app, `Taskwire-${config.name}`, config);
app.synth();
