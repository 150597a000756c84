/** `npm run scale`: what breaks first at so many streams. */
import { readFileSync, writeFileSync } from 'node:fs';
import { runCommand } from '../commands/command-line.ts';
import { readStage } from '../operate/stack/stage-settings.ts';
import { help, options, readScaleCommand } from './command-line.ts';
import { tablesOf, withTables } from './report.ts';
import { simulate } from './simulate.ts';

const documentFile = new URL('../docs/SCALE.md', import.meta.url);

async function writeTables(): Promise<void> {
  const { stageConfig } = await import('../lib/config/stage-config.ts');
  const before = readFileSync(documentFile, 'utf8');
  // What belongs to one account is not what the document is about.
  const after = withTables(before, stageConfig('production'));
  writeFileSync(documentFile, after);
  console.log(after === before ? 'docs/SCALE.md is as it was' : 'docs/SCALE.md is written anew');
}

await runCommand({
  name: 'scale',
  call: 'npm run scale',
  help,
  options,
  explain: (error) => {
    const isKnown = error instanceof Error && ['StageConfigError', 'UnknownNumber'].includes(error.name);
    return isKnown ? error.message : undefined;
  },
  run: async (flags) => {
    if (flags['write-tables'] === true && Object.keys(flags).length === 1) return writeTables();
    const stage = await readStage('production');
    const command = readScaleCommand(flags, stage);
    const results = simulate(command, stage);
    if (command.json !== undefined) writeFileSync(command.json, `${JSON.stringify(results, null, 2)}\n`);
    for (const [title, table] of tablesOf(results)) console.log(`## ${title}\n\n${table}\n`);
  },
});
