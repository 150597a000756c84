/** `npm run cost`: what a month costs, by units and list prices, with each transport. */
import { readFileSync, writeFileSync } from 'node:fs';
import { runCommand } from '../commands/command-line.ts';
import { billOf } from './cost/bill.ts';
import { help, options, readCostCommand } from './cost/command-line.ts';
import { withNumbers } from '../commands/document-numbers.ts';
import { numbersOf } from './cost/document.ts';
import { jsonOf, reportOf } from './cost/report.ts';
import { readStage } from './stack/stage-settings.ts';

const documentFile = new URL('../docs/DEPLOY.md', import.meta.url);

async function writeTables(): Promise<void> {
  const { stageConfig } = await import('../lib/config/stage-config.ts');
  const before = readFileSync(documentFile, 'utf8');
  // What belongs to one account is not what the document is about.
  const after = withNumbers(before, numbersOf(stageConfig('production')), 'cost');
  writeFileSync(documentFile, after);
  console.log(after === before ? 'docs/DEPLOY.md is as it was' : 'docs/DEPLOY.md is written anew');
}

await runCommand({
  name: 'cost',
  call: 'npm run -s cost',
  help,
  options,
  explain: (error) => {
    const isKnown = error instanceof Error && ['StageConfigError', 'UnknownNumber'].includes(error.name);
    return isKnown ? error.message : undefined;
  },
  run: async (flags) => {
    const command = readCostCommand(flags);
    if (command === 'write-tables') return writeTables();
    const { usage, stage: name, hosts, json } = command;
    const scenario = { usage, stage: await readStage(name) };
    const bills = hosts.map((host) => billOf(host, scenario.stage, usage));
    console.log(json ? jsonOf(scenario, bills) : reportOf(scenario, bills));
  },
});
