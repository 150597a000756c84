import { CommandError } from '../../commands/command-error.ts';
import { shorten } from '../../commands/fault-text.ts';
import { explain } from '../stack/explain.ts';
import { SmokeFailure } from '../../tools/smoke/failure.ts';
import type { Context } from './context.ts';
import type { Experiment, Finding, Need } from './experiment.ts';
import { cannotTell } from './statistics.ts';

/** What became of an experiment. */
export interface Result {
  readonly experiment: Experiment;
  readonly finding: Finding;
  readonly seconds: number;
}

/** What is missing, in words. */
export const lackWords: Readonly<Record<Need, string>> = {
  aws: 'it needs an account, and so --stage',
  edge: 'it needs a stage whose edge is on',
  socket: 'nobody has said where the WebSocket is: --socket-url',
  time: 'it takes hours, which --long allows',
  settings: 'it changes settings for some minutes, which --change-settings allows',
};

/** What is missing of what an experiment needs, in words; undefined where nothing is. */
function missing(needs: readonly Need[], context: Context): string | undefined {
  const isMet: Readonly<Record<Need, boolean>> = {
    aws: context.aws !== undefined,
    edge: context.stage.edge === 'on',
    socket: context.socket !== undefined,
    time: context.mayTakeHours,
    settings: context.mayChangeSettings,
  };
  const first = needs.find((need) => !isMet[need]);
  return first && lackWords[first];
}

/** Why an experiment could not be done, in a line. */
function reasonOf(error: unknown): string {
  if (error instanceof SmokeFailure) return `${error.message}: ${error.meaning}`;
  return error instanceof CommandError ? error.message : explain(error);
}

/**
 * Runs one experiment, within twice the time that it says; does not throw.
 * @param interrupt stops it, and lets it put back what it has changed.
 */
async function runOne(
  experiment: Experiment,
  context: Omit<Context, 'signal'>,
  interrupt: AbortSignal,
): Promise<Finding> {
  const late = new AbortController();
  const signal = AbortSignal.any([interrupt, late.signal]);
  const whole = { ...context, signal };
  const lacks = missing(experiment.needs, whole);
  if (lacks !== undefined) return cannotTell(lacks);
  const limit = setTimeout(
    () => late.abort(new CommandError('it took too long')),
    experiment.minutes * 120_000,
  );
  try {
    signal.throwIfAborted();
    return await experiment.run(whole);
  } catch (error) {
    return cannotTell(
      shorten(interrupt.aborted ? 'it was stopped' : reasonOf(signal.aborted ? signal.reason : error)),
    );
  } finally {
    clearTimeout(limit);
  }
}

/**
 * Runs experiments one after another; one that fails does not keep the others from running.
 * @param onResult told what became of each, when it is over.
 */
export async function runExperiments(
  chosen: readonly Experiment[],
  context: Omit<Context, 'signal'>,
  interrupt: AbortSignal,
  onResult: (result: Result) => void,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const experiment of chosen) {
    const began = performance.now();
    const finding = await runOne(experiment, context, interrupt);
    const result = { experiment, finding, seconds: (performance.now() - began) / 1000 };
    results.push(result);
    onResult(result);
  }
  return results;
}
