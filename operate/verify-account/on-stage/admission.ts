import { paths } from '../../../protocol/routes.ts';
import { measured } from '../../cost/measured.ts';
import type { Context } from '../context.ts';
import type { Experiment, Finding } from '../experiment.ts';
import { Probe } from '../probe.ts';
import { atMost, quantile, rounded } from '../statistics.ts';

const rounds = 8;
/** Times what is assumed: so much more shows on no bill, and nobody waits for it. */
const tolerance = 5;

/** Takes the time of so many streams that are let in, one after another. */
export function measureAdmission(context: Context, count: number): Promise<Finding> {
  return Probe.during(context, async (probe) => {
    const { deployment, signal } = context;
    const opened: number[] = [];
    const refused: number[] = [];
    // The first of each may meet a cold start.
    await probe.open();
    for (let round = 0; round < count; round += 1) {
      const began = performance.now();
      await deployment.request('GET', paths.stream, { signal, token: 'none' });
      refused.push(performance.now() - began);
      const { stream, connectionId, ms } = await probe.open();
      opened.push(ms);
      // Its environment is to be free for the next one.
      await deployment.disconnect(connectionId, signal);
      await stream.until((frames) => frames.find(({ event }) => event === 'end'), signal);
    }
    const difference = Math.max(0, quantile(opened, 0.5) - quantile(refused, 0.5));
    return {
      verdict: atMost(difference, tolerance * measured.admissionMs),
      found: `letting a stream in takes ${rounded(difference)} ms`,
      measured: {
        'admission, ms': rounded(difference),
        'connect to first frame, median, ms': rounded(quantile(opened, 0.5)),
        'refused token, median, ms': rounded(quantile(refused, 0.5)),
      },
    };
  });
}

export const admission: Experiment = {
  name: 'admission',
  question: 'How long does it take until a stream is let in?',
  dependsOn: '`admissionMs` in `operate/cost/measured.ts`, and how long a page waits when it connects',
  method:
    'Opens eight streams one after another, and as often asks with a token that is none, which is refused before any table is read; the difference of the medians is the reads and writes in between.',
  assumed: `at most ${tolerance} × ${measured.admissionMs} ms`,
  change: 'set `admissionMs` to the number; above a second look at the throttles of the connections table',
  cents: 1,
  minutes: 2,
  needs: [],
  run: (context) => measureAdmission(context, rounds),
};
