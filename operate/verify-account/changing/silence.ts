import { ConnectionTable } from '../../connections/connection-table.ts';
import type { Context } from '../context.ts';
import { awsOf } from '../context.ts';
import type { Experiment, Finding } from '../experiment.ts';
import { Probe } from '../probe.ts';
import { cannotTell } from '../statistics.ts';

/** So long nobody says anything, seconds. */
const silenceSeconds = 120;
/** `readTimeout` of the stream's origin in `lib/edge/edge.ts`, milliseconds. */
const originTimeoutMs = 30_000;
const toleranceMs = 5000;
const watchMs = 90_000;

/** The ids of the streams that run, whoever's they are and whether anybody is there. */
async function openStreams(table: ConnectionTable, now: number): Promise<ReadonlySet<string>> {
  const all = await table.list({}, now, () => undefined);
  return new Set(all.filter(({ transport }) => transport === 'stream').map(({ id }) => id));
}

/** Opens a stream that says nothing after its first frames, and takes the time until the edge cuts it. */
function watchSilence(context: Context): Promise<Finding> {
  return Probe.during(context, async (probe) => {
    const { clock, signal, tables } = context;
    const table = new ConnectionTable(tables.client, tables.connections);
    const before = await openStreams(table, clock.now());
    const { stream } = await probe.open();
    const began = clock.now();
    const over = new AbortController();
    const stop = AbortSignal.any([signal, over.signal]);
    void clock.sleep(watchMs, stop).then(() => over.abort());
    await stream.until(() => undefined, stop);
    signal.throwIfAborted();
    const ms = clock.now() - began;
    const wasCut = stream.ended;
    over.abort();
    const after = await openStreams(table, clock.now());
    const opened = [...after].filter((id) => !before.has(id)).length;
    const measured = { 'cut after, s': wasCut ? Math.round(ms / 1000) : 'not cut', 'streams opened': opened };
    if (!wasCut) return { verdict: 'differs', found: `it was not cut in ${watchMs / 1000} s`, measured };
    const found = `the edge cut a silent stream after ${Math.round(ms / 1000)} s, and ${opened} were opened for it`;
    if (opened === 0) return cannotTell(`${found}: it ended by itself`, measured);
    const isAsAssumed = Math.abs(ms - originTimeoutMs) <= toleranceMs && opened === 1;
    return { verdict: isAsAssumed ? 'as assumed' : 'differs', found, measured };
  });
}

/** Never run on AWS. */
export const silence: Experiment = {
  name: 'silence',
  question: 'What does CloudFront do with a stream on which nothing comes?',
  dependsOn:
    '`heartbeatSeconds` in `lib/config/stage-schema.ts`, `readTimeout` and `connectionAttempts` in `lib/edge/edge.ts`',
  method: `Sets \`HEARTBEAT_SECONDS\` of the stream function to ${silenceSeconds}, opens a stream, waits until it is cut, counts the streams that are open then, and puts the setting back. Wants nobody else to connect meanwhile.`,
  assumed: 'it is cut after 30 s, and CloudFront has not asked again by itself: one stream was opened',
  change:
    'cut earlier: `heartbeatSeconds` below half of that. More than one stream opened: `connectionAttempts` does not do what it says, and zombies cost double. Not cut: heartbeats can be rarer',
  cents: 1,
  minutes: 5,
  needs: ['aws', 'edge', 'settings'],
  run: async (context) => {
    const putBack = await awsOf(context).changeEnvironment('stream', {
      HEARTBEAT_SECONDS: String(silenceSeconds),
    });
    try {
      return await watchSilence(context);
    } finally {
      await putBack();
    }
  },
};
