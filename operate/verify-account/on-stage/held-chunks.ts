import type { Connected } from '../../../tools/smoke/stream-checks.ts';
import type { Context } from '../context.ts';
import { askUntil } from '../context.ts';
import type { Experiment, Finding } from '../experiment.ts';
import type { Probe, ProbeTask } from '../probe.ts';
import { awaitFrame, Probe as Probes } from '../probe.ts';
import { rounded } from '../statistics.ts';

/** How long after it is in the log an event may take to come, besides a poll; then it is held. Milliseconds. */
const heldMs = 3000;
const logged = { limitMs: 30_000, pauseMs: 250 } as const;
/** A first frame that comes later came with the ping after it; a cold start takes less. Milliseconds. */
const firstHeldMs = 10_000;
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

/** What was seen on one stream. */
export interface HeldTrials {
  /** How long its first frame took from the request, milliseconds. */
  readonly firstFrameMs: number;
  readonly events: readonly HeldTrial[];
}

/** Tries it with some events on one stream. */
export function tryHeldChunks(context: Context, count = trials): Promise<HeldTrials> {
  return Probes.during(context, async (probe) => {
    const stream = await probe.open();
    const events: HeldTrial[] = [];
    for (let index = 0; index < count; index += 1) events.push(await tryOne(context, probe, stream));
    return { firstFrameMs: stream.ms, events };
  });
}

/** Whether the first frame of a stream came with the ping after it. */
export function isFirstHeld({ firstFrameMs }: HeldTrials): boolean {
  return firstFrameMs > firstHeldMs;
}

function judge(results: HeldTrials): Finding {
  const { firstFrameMs, events } = results;
  const held = events.filter(({ isHeld }) => isHeld);
  const measured = {
    'first frame, ms': rounded(firstFrameMs),
    'events that came by themselves': events.length - held.length,
    'events that were held': held.length,
  };
  if (held.length === 0) {
    const found = 'every event came by itself';
    if (!isFirstHeld(results)) return { verdict: 'as assumed', found, measured };
    return { verdict: 'differs', found: `${found}, but the first frame was held back`, measured };
  }
  // One of five may be a stream that was slow once.
  const verdict = held.length > 1 ? 'differs' : 'could not tell';
  const most = Math.max(...held.map(({ pushes = mostPushes }) => pushes));
  return {
    verdict,
    found: `${held.length} of ${events.length} events were held back`,
    measured: { ...measured, 'further events that pushed a held one out': most },
  };
}

export const heldChunks: Experiment = {
  name: 'held-chunks',
  question: 'Does an event reach its client when it is written, or with the next one?',
  dependsOn:
    '`paddingBytes` in `lib/config/stage-schema.ts`, the comment that follows each frame, and the tick between head and first frame in `lambdas/stream/streamed-answer.ts`',
  method:
    'Opens a stream, makes five tasks one after another, sees that the log has each, and waits for its event; where none comes, it makes more until it does.',
  assumed: `each event comes by itself, within a poll and ${heldMs / 1000} s of being in the log, and the first frame within ${firstHeldMs / 1000} s`,
  change:
    'raise `paddingBytes` to what the experiment `padding` finds; where only a stage with the edge holds events, it is CloudFront that does',
  cents: 1,
  minutes: 2,
  needs: [],
  run: async (context) => judge(await tryHeldChunks(context)),
};
