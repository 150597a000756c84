/** `npm run cost`: what a month costs, by units and list prices, with each transport. */
import { runCommand } from '../commands/command-line.ts';
import { billOf } from './cost/bill.ts';
import { help, options, readCostCommand } from './cost/command-line.ts';
import { withNumbers } from '../commands/document-numbers.ts';
import { numbersOf } from './cost/document.ts';
import { jsonOf, reportOf } from './cost/report.ts';
import { explainNumbers, rewriteDocument } from './cost/rewrite-document.ts';
import { readStage } from './stack/stage-settings.ts';

await runCommand({
  name: 'cost',
  call: 'npm run -s cost',
  help,
  options,
  explain: explainNumbers,
  run: async (flags) => {
    const command = readCostCommand(flags);
    if (command === 'write-tables') {
      return rewriteDocument('DEPLOY.md', (text, stage) => withNumbers(text, numbersOf(stage), 'cost'));
    }
    const { usage, stage: name, hosts, json } = command;
    const scenario = { usage, stage: await readStage(name) };
    const bills = hosts.map((host) => billOf(host, scenario.stage, usage));
    console.log(json ? jsonOf(scenario, bills) : reportOf(scenario, bills));
  },
});
