import { readFileSync } from 'node:fs';
import type { StageConfig } from '../../lib/config/stage-schema.ts';

const settingsFile = new URL('../../cdk.json', import.meta.url);

/**
 * The settings of a stage as a deploy from here would have them.
 * @throws {StageConfigError}
 */
export async function readStage(name: string): Promise<StageConfig> {
  // It loads the CDK, for which whoever has mistyped something need not wait.
  const { stageConfig } = await import('../../lib/config/stage-config.ts');
  const { context } = JSON.parse(readFileSync(settingsFile, 'utf8')) as { context?: { stages?: unknown } };
  return stageConfig(name, context?.stages);
}
