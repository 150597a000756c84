import { paths } from '../../../protocol/routes.ts';
import type { Context } from '../context.ts';
import { awsOf } from '../context.ts';
import type { Experiment } from '../experiment.ts';
import { Probe } from '../probe.ts';

/** Asks the Function URL itself; without a token, which goes to no address that nobody has named. */
async function askPastTheEdge(context: Context): Promise<number> {
  const url = new URL(paths.stream, await awsOf(context).streamUrl());
  const answer = await fetch(url, { signal: context.signal, redirect: 'manual' });
  await answer.body?.cancel();
  return answer.status;
}

/** Never run on AWS. */
export const ownAddress: Experiment = {
  name: 'own-address',
  question: 'Does the stream’s own URL take what the edge has signed, and nothing else?',
  dependsOn:
    'origin access control and its two permissions in `lib/edge/edge.ts`, and that the stream is closed past the edge (docs/DEPLOY.md, "What a flood can do")',
  method: 'Opens a stream through the edge, and asks the Function URL itself without a signature.',
  assumed: 'the first is a stream, the second 403',
  change:
    'no stream: the permissions of the function, `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction` for the distribution. Not 403: the authentication type in `lib/functions/stream-url.ts`',
  cents: 1,
  minutes: 1,
  needs: ['aws', 'edge'],
  run: (context) =>
    Probe.during(context, async (probe) => {
      const through = await probe.open().then(
        ({ stream }) => stream.status,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      const past = await askPastTheEdge(context);
      return {
        verdict: through === 200 && past === 403 ? 'as assumed' : 'differs',
        found: `through the edge: ${through}; past it: ${past}`,
        measured: { 'status past the edge': past },
      };
    }),
};
