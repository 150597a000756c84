/** `npm run log`: looks at the log of a workspace. */
import { parseCount, runCommand } from '../commands/command-line.ts';
import { inspectHelp, inspectLocationHelp, inspectOptions, openTarget } from './log/command-line.ts';
import { inspectLog } from './log/inspect.ts';
import { isSound, jsonOf, textOf } from './log/report.ts';
import { explain } from './stack/explain.ts';

const help = `npm run -s log -- --stage NAME --workspace W [--last N] [--json] [--show-tasks]

Shows the log of a workspace: its end, its last segments with their changes, whether anything is missing, and whether
clients have been told what the tasks table has. It changes nothing. It reads all of the workspace's tasks and kept log.

${inspectHelp}
  --last N                how many of the last segments to show (default 10)
  --json                  as JSON
  --show-tasks            what is in the tasks too, private ones included

${inspectLocationHelp}

Exit status: 0 the log is sound; 1 it is not, or could not be read; 2 wrong usage.`;

await runCommand({
  name: 'log',
  call: 'npm run -s log',
  help,
  options: {
    ...inspectOptions,
    last: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
    'show-tasks': { type: 'boolean', default: false },
  },
  explain,
  run: async (flags) => {
    const target = await openTarget('log', parseCount(flags.last, '--last', 1000), flags);
    const found = await inspectLog(target.ports, target.workspace, target.options);
    const show = flags.json ? jsonOf : textOf;
    console.log(show(target.workspace, found, { showTasks: flags['show-tasks'] }));
    if (!flags.json && !isSound(found)) {
      console.log(`npm run -s log:rebuild says what mends it`);
    }
    return isSound(found) ? 0 : 1;
  },
});
