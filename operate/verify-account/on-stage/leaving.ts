import type { ListedConnection } from '../../connections/connection-table.ts';
import { ConnectionTable } from '../../connections/connection-table.ts';
import type { Context } from '../context.ts';
import { askUntil } from '../context.ts';
import type { Experiment } from '../experiment.ts';
import { Probe } from '../probe.ts';
import { cannotTell } from '../statistics.ts';

const longestWatchMs = 60_000;
const pauseMs = 2000;
/** Sessions end by up to a quarter early, and with some seconds to spare. */
const shortestSession = 0.75;
const spareMs = 5000;

/** Finds the item of a stream, whoever's it is: `--stage` does not say what the token's workspace is. */
async function findItem(
  table: ConnectionTable,
  now: number,
  id: string,
): Promise<ListedConnection | undefined> {
  const all = await table.list({}, now, () => undefined);
  return all.find((each) => each.id === id);
}

/** How long a stream whose client has left is watched. */
function watchMs({ stage }: Context): number {
  return Math.min(longestWatchMs, stage.sessionSeconds * 1000 * shortestSession - spareMs);
}

export const leaving: Experiment = {
  name: 'leaving',
  question: 'Is a function told that its client has left?',
  dependsOn:
    'the beacon, leases, questions and the session length, which all stand in for it: `core/connections/admission.ts`, `sessionSeconds`, decisions 0011, 0018 and 0019; and the alarm `UnheardStreams`',
  method:
    'Opens a stream, breaks the connection without a word, and watches the item of the stream, which its function removes when it ends, for a minute. Then it ends the stream.',
  assumed: 'it is not told: the item stays',
  change:
    'nothing breaks: streams for nobody cost less than docs/DEPLOY.md says. Set `sessionSeconds` higher, and let `lambdas/stream/streamed-answer.ts` tell the session',
  cents: 1,
  minutes: 2,
  needs: [],
  run: (context) =>
    Probe.during(context, async (probe) => {
      const { clock, tables } = context;
      const table = new ConnectionTable(tables.client, tables.connections);
      const { stream, connectionId } = await probe.open();
      const item = await findItem(table, clock.now(), connectionId);
      if (item === undefined) return cannotTell('the open stream has no item in the connections table');
      const { workspace, user } = item;
      stream.close();
      const left = clock.now();
      const limitMs = watchMs(context);
      const goneAt = await askUntil(context, { limitMs, pauseMs }, async () => {
        const listed = await table.list({ workspace, user }, left, () => undefined);
        return listed.some(({ id }) => id === connectionId) ? undefined : clock.now();
      });
      if (goneAt !== undefined) {
        const seconds = Math.round((goneAt - left) / 1000);
        return {
          verdict: 'differs',
          found: `the stream ended ${seconds} s after its client had left`,
          measured: { 'ended after, s': seconds },
        };
      }
      const seconds = Math.round(limitMs / 1000);
      return {
        verdict: 'as assumed',
        found: `the stream still ran ${seconds} s after its client had left`,
        measured: { 'ran on for, s': seconds },
      };
    }),
};
