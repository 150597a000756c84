/** `npm run drain`: asks all open streams of a stage to end, so that their clients come to the version just deployed. */
import { runCommand } from '../commands/command-line.ts';
import { drainSpreadMs, drainStartsMs } from '../core/connections/drain.ts';
import { DrainMarker } from '../lambdas/shared/dynamodb/drain-marker.ts';
import { applyHelp, applyOptions, dryRunNote } from './stack/apply.ts';
import { explain } from './stack/explain.ts';
import { locate, locationHelp, locationOptions } from './stack/location.ts';
import { openTables } from './stack/tables.ts';

const help = `npm run -s drain -- --stage NAME [--apply]

Asks every stream that is open now to end, spread by chance over 12 s, or over as many seconds as it takes for 50
streams each, where there are more than 600: AWS Lambda adds 100 environments a second to a function, and whoever comes
when there is none is refused for good. It counts the streams first, which reads the connections table, and says how
long it takes. Their clients come back with their cursors, to the functions that are deployed now, and miss nothing.

  --stage NAME            a deployed stage; the outputs of its stack say where everything is
${applyHelp}

${locationHelp('connectionsTable')}

Exit status: 0 the streams are asked, or would be; 1 they could not be; 2 wrong usage.`;

await runCommand({
  name: 'drain',
  call: 'npm run -s drain',
  help,
  options: { ...locationOptions, ...applyOptions },
  explain,
  run: async (flags) => {
    const { connectionsTable, endpoint } = await locate(flags, ['connectionsTable']);
    const marker = new DrainMarker(openTables(endpoint), connectionsTable);
    const before = Date.now();
    const streams = await marker.countStreams(before);
    const spreadMs = drainSpreadMs(streams);
    if (flags.apply) await marker.write({ before, spreadMs });
    const seconds = Math.ceil((drainStartsMs + spreadMs) / 1000);
    const opened = new Date(before).toISOString();
    const end = flags.apply ? 'end' : 'would end';
    console.log(`${streams} streams that opened before ${opened} ${end} within ${seconds} s`);
    if (!flags.apply) console.log(dryRunNote);
  },
});
