import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stageNames } from '../lib/stage-config.ts';
import { synthesize } from './synthesize.ts';

// Synthesizes every stage with all checks on and fails on any finding.

const stages = stageNames;

/** Gives the number of resources of the stage; throws with what is wrong when it does not pass. */
async function check(stage: string, directory: string): Promise<number> {
  const { exitCode, output } = await synthesize(directory, { stage, checks: true });
  // A warning does not fail the synthesis, but is to be resolved or acknowledged like an error.
  if (exitCode !== 0 || /^(ERROR|WARNING) /m.test(output))
    throw new Error(
      `stage ${stage}: resolve each finding, or acknowledge it next to its construct\n${output}`,
    );
  const template: unknown = JSON.parse(
    await readFile(join(directory, `Taskwire-${stage}.template.json`), 'utf8'),
  );
  const resources = typeof template === 'object' && template !== null && 'Resources' in template;
  return resources ? Object.keys(template.Resources ?? {}).length : 0;
}

const directory = await mkdtemp(join(tmpdir(), 'taskwire-check-'));
try {
  const passed = await Promise.all(
    stages.map(async (stage) => `${stage} (${await check(stage, join(directory, stage))} resources)`),
  );
  console.log(`templates: ${passed.join(', ')} pass the AwsSolutions and CloudFormation rules`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}
