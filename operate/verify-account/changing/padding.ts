import type { Context } from '../context.ts';
import { awsOf } from '../context.ts';
import type { Experiment } from '../experiment.ts';
import { isFirstHeld, tryHeldChunks } from '../on-stage/held-chunks.ts';

/** Reports of what Lambda holds back begin at 16 KB; bytes. */
const candidates = [0, 3, 256, 1024, 4096, 16_384, 65_536] as const;
const trials = 3;

/** Whether no event is held with so much padding. */
async function isEnough(context: Context, bytes: number): Promise<boolean> {
  context.say(`trying paddingBytes ${bytes}`);
  const putBack = await awsOf(context).changeEnvironment('stream', { PADDING_BYTES: String(bytes) });
  try {
    const tried = await tryHeldChunks(context, trials);
    return !isFirstHeld(tried) && tried.events.every(({ isHeld }) => !isHeld);
  } finally {
    await putBack();
  }
}

/** Never run on AWS. */
export const padding: Experiment = {
  name: 'padding',
  question: 'How many bytes of padding make Lambda, or CloudFront, hand a frame over?',
  dependsOn:
    '`paddingBytes` in `lib/config/stage-schema.ts`, and the data that it adds to each frame in every bill',
  method: `Sets \`PADDING_BYTES\` of the stream function to ${candidates.join(', ')}, one after another until no event is held, and puts it back.`,
  assumed: 'what the stage has is enough; with 0 too it is not needed at all',
  change: 'set `paddingBytes` to the number that was enough',
  cents: 2,
  minutes: 15,
  needs: ['aws', 'settings'],
  run: async (context) => {
    const { paddingBytes } = context.stage;
    for (const bytes of candidates) {
      if (!(await isEnough(context, bytes))) continue;
      return {
        verdict: bytes <= paddingBytes ? 'as assumed' : 'differs',
        found: `${bytes} bytes are enough; the stage has ${paddingBytes}`,
        measured: { 'enough, bytes': bytes },
      };
    }
    return {
      verdict: 'differs',
      found: `events are held whatever follows them, up to ${candidates.at(-1)} bytes`,
      measured: {},
      change: 'streams do not work there: deploy in a region with response streaming, or use WebSockets',
    };
  },
};
