import { App, Validations } from 'aws-cdk-lib';
import type { StageConfig } from '../lib/config/stage-schema.ts';
import { stageConfig, StageConfigError } from '../lib/config/stage-config.ts';
import { TaskwireStack } from '../lib/taskwire-stack.ts';

// The CDK app, and the only reader of its context:
//   stage          the stage to synthesize, `dev` unless given
//   stages.<name>  settings that replace the stage's own
//   checks         whether the template is checked against the AwsSolutions rules and CloudFormation's own.
//                  Not on the local stage unless given: that takes seconds for which `npm start` would wait,
//                  and the template is never deployed.

/** Gives the settings that the context asks for; ends the process with one line when they cannot work. */
function settings(stage: unknown, replacements: unknown): StageConfig {
  try {
    return stageConfig(stage, replacements);
  } catch (error) {
    if (!(error instanceof StageConfigError)) throw error;
    console.error(error.message);
    return process.exit(1);
  }
}

const app = new App();
const { node } = app;
const config = settings(node.tryGetContext('stage') ?? 'dev', node.tryGetContext('stages') ?? {});

const checks: unknown = node.tryGetContext('checks') ?? config.name !== 'local';
// On the command line a value is a string.
if (checks === true || checks === 'true') {
  // Loaded only when wanted: the rules bring most of the service libraries with them.
  const { AwsSolutionsChecks } = await import('cdk-nag');
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
} else {
  // The property of App that does the same must be known before there is a context to read.
  process.env['CDK_VALIDATION'] = 'false';
}

new TaskwireStack(app, `Taskwire-${config.name}`, config);
app.synth();
