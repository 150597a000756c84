import type { Connected } from '../../../tools/smoke/stream-checks.ts';
import type { Context } from '../context.ts';
import { askUntil } from '../context.ts';
import type { Experiment } from '../experiment.ts';
import type { Probe, ProbeTask } from '../probe.ts';
import { awaitFrame, Probe as Probes } from '../probe.ts';

/** How long after it is in the log an event may take to come, besides a poll; then it is held. Milliseconds. */
const heldMs = 3000;
const logged = { limitMs: 30_000, pauseMs: 250 } as const;
const trials = 5;
/** The most writes that are made to push out one that is held. */
const mostPushes = 8;

/** What became of one event. */
export interface HeldTrial {
  readonly isHeld: boolean;
  /** How many further events it took until a held one came; undefined where none has helped. */
  readonly pushes?: number | undefined;
}

/** Writes one task and sees whether its event comes by itself, or only with what is written after it. */
async function tryOne(context: Context, probe: Probe, stream: Connected): Promise<HeldTrial> {
  const write = async (): Promise<ProbeTask> => {
    const task = await probe.write();
    const isThere = await askUntil(context, logged, () => probe.isLogged(task));
    if (isThere === undefined)
      throw new Error('the log did not get the change in 30 s: the fan-out is behind');
    return task;
  };
  const task = await write();
  const limitMs = context.stage.pollMaxMs + heldMs;
  if ((await awaitFrame(stream, task, context, limitMs)) !== undefined) return { isHeld: false };
  if (stream.stream.ended) throw new Error('the stream ended meanwhile: run it again');
  for (let pushes = 1; pushes <= mostPushes; pushes += 1) {
    await write();
    if ((await awaitFrame(stream, task, context, limitMs)) !== undefined) return { isHeld: true, pushes };
  }
  return { isHeld: true };
}

/** Tries it with some events on one stream. */
export function tryHeldChunks(context: Context, count = trials): Promise<readonly HeldTrial[]> {
  return Probes.during(context, async (probe) => {
    const stream = await probe.open();
    const results: HeldTrial[] = [];
    for (let index = 0; index < count; index += 1) results.push(await tryOne(context, probe, stream));
    return results;
  });
}

export const heldChunks: Experiment = {
  name: 'held-chunks',
  question: 'Does an event reach its client when it is written, or with the next one?',
  dependsOn: '`paddingBytes` in `lib/config/stage-schema.ts`: the comment that follows each frame',
  method:
    'Opens a stream, makes five tasks one after another, sees that the log has each, and waits for its event; where none comes, it makes more until it does.',
  assumed: 'each event comes by itself, within a poll and 3 s of being in the log',
  change:
    'raise `paddingBytes` to what the experiment `padding` finds; where only a stage with the edge holds events, it is CloudFront that does',
  cents: 1,
  minutes: 2,
  needs: [],
  run: async (context) => {
    const results = await tryHeldChunks(context);
    const held = results.filter(({ isHeld }) => isHeld);
    const measured = {
      'events that came by themselves': results.length - held.length,
      'events that were held': held.length,
    };
    if (held.length === 0) {
      return { verdict: 'as assumed', found: 'every event came by itself', measured };
    }
    // One of five may be a stream that was slow once.
    const verdict = held.length > 1 ? 'differs' : 'could not tell';
    const most = Math.max(...held.map(({ pushes = mostPushes }) => pushes));
    return {
      verdict,
      found: `${held.length} of ${results.length} events were held back`,
      measured: { ...measured, 'further events that pushed a held one out': most },
    };
  },
};
