/** `npm run log:rebuild`: mends the end of a workspace's log. */
import { runCommand } from '../commands/command-line.ts';
import { newLog } from '../lambdas/shared/dynamodb/event-log.ts';
import { inspectHelp, inspectLocationHelp, inspectOptions, openTarget } from './log/command-line.ts';
import type { Rebuilt } from './log/rebuild.ts';
import { rebuildLog } from './log/rebuild.ts';
import { verdictLines } from './log/report.ts';
import { applyHelp, applyOptions, dryRunNote } from './stack/apply.ts';
import { explain } from './stack/explain.ts';

const help = `npm run -s log:rebuild -- --stage NAME --workspace W [--apply] [--new-log]

Mends the end of a workspace's log. Where its head is missing or does not fit its segments, and where it has not told what
the tasks table has, it begins a new log after what is there: appends go on, no cursor of before is good any more, and
clients load the state again, once. Where neither is so it does nothing. It may run while people work, be interrupted and
run again, and touches no other workspace. Segments that cannot be read are removed then, and nothing else ever is.

${inspectHelp}
${applyHelp}
  --new-log               begin a new log whatever is found: after the events table was restored over itself, what the
                          log holds is not what clients were told

${inspectLocationHelp}

Exit status: 0 it is mended, or would be, or there was nothing to mend; 1 it is not; 2 wrong usage.`;

/** What becomes of the log, in words. */
function outcomeOf({ remedy, head }: Rebuilt): string {
  const words = {
    nothing: 'there is nothing to mend',
    'newer version': 'nothing was changed: this is for the version that is deployed',
    'new log':
      'a new log would begin after what is there: no cursor of before would be good any more, and clients would load again',
  } as const;
  if (head === undefined) return words[remedy];
  return `the log ${head.log} begins with segment ${head.last}: clients load again`;
}

await runCommand({
  name: 'log:rebuild',
  call: 'npm run -s log:rebuild',
  help,
  options: { ...inspectOptions, ...applyOptions, 'new-log': { type: 'boolean', default: false } },
  explain,
  run: async (flags) => {
    const { apply } = flags;
    const target = await openTarget('log:rebuild', 0, flags);
    const options = { ...target.options, newLog, apply, wantsNewLog: flags['new-log'] };
    const rebuilt = await rebuildLog(target.ports, target.workspace, options);
    console.log([...verdictLines(rebuilt.inspection), outcomeOf(rebuilt)].join('\n'));
    if (!apply && rebuilt.remedy === 'new log') console.log(dryRunNote);
    return rebuilt.remedy === 'newer version' ? 1 : 0;
  },
});
