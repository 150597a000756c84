/** `npm run scale`: what breaks first at so many streams. */
import { writeFileSync } from 'node:fs';
import { runCommand } from '../commands/command-line.ts';
import { explainNumbers, rewriteDocument } from '../operate/cost/rewrite-document.ts';
import { readStage } from '../operate/stack/stage-settings.ts';
import { help, options, readScaleCommand } from './command-line.ts';
import { tablesOf, withTables } from './report.ts';
import { simulate } from './simulate.ts';

await runCommand({
  name: 'scale',
  call: 'npm run scale',
  help,
  options,
  explain: explainNumbers,
  run: async (flags) => {
    if (flags['write-tables'] === true && Object.keys(flags).length === 1) {
      return rewriteDocument('SCALE.md', withTables);
    }
    const stage = await readStage('production');
    const command = readScaleCommand(flags, stage);
    const results = simulate(command, stage);
    if (command.json !== undefined) writeFileSync(command.json, `${JSON.stringify(results, null, 2)}\n`);
    for (const [title, table] of tablesOf(results)) console.log(`## ${title}\n\n${table}\n`);
  },
});
