import { readFileSync, writeFileSync } from 'node:fs';
import type { StageConfig } from '../../lib/config/stage-schema.ts';

/**
 * Writes the numbers of a document anew, and says whether they were others.
 * @param name of the file in docs/.
 * @param rewrite makes the new text of the old one, for the stage production as it is in the project: what belongs to one
 *   account is not what a document is about.
 * @throws what the file system and `rewrite` throw.
 */
export async function rewriteDocument(
  name: string,
  rewrite: (text: string, stage: StageConfig) => string,
): Promise<void> {
  const { stageConfig } = await import('../../lib/config/stage-config.ts');
  const file = new URL(`../../docs/${name}`, import.meta.url);
  const before = readFileSync(file, 'utf8');
  const after = rewrite(before, stageConfig('production'));
  writeFileSync(file, after);
  console.log(`docs/${name} is ${after === before ? 'as it was' : 'written anew'}`);
}

/** What a user is told of a stage that cannot be read, or of a document that names a number that there is not. */
export function explainNumbers(error: unknown): string | undefined {
  const isKnown = error instanceof Error && ['StageConfigError', 'UnknownNumber'].includes(error.name);
  return isKnown ? error.message : undefined;
}
