import type { IdleResult } from '../bench/results.ts';
import { measuredIdle } from './idle-bill.ts';
import type { Load } from './scenario.ts';

const idle = measuredIdle();
const [one, many] = [idle[0]!, idle.at(-1)!];
/** The part of something that grows with the streams, and of one process besides, each from what one and many took. */
const perStream = (of: (taken: IdleResult) => number): number =>
  (of(many) - of(one)) / (many.streams - one.streams);
const perProcess = (of: (taken: IdleResult) => number): number => of(one) - perStream(of);
const secondsAnHour = ({ processorSeconds, seconds }: IdleResult): number =>
  (processorSeconds * 3600) / seconds;
const megabytes = ({ residentBytes }: IdleResult): number => residentBytes / 2 ** 20;

/**
 * What streams take of a process on a laptop, as docs/performance.json has it of idle ones (2 slow cores of a Xeon, Node 24);
 * connects and frames by profiles there (`npm run bench`).
 */
export const laptop = {
  /** Processor time of a connect, and of a frame that is told, milliseconds. */
  connectMs: 11,
  frameMs: 0.09,
  /** Processor time of a process an hour, and of each idle stream besides, seconds. */
  processSeconds: perProcess(secondsAnHour),
  streamSeconds: perStream(secondsAnHour),
  /** Resident memory of a process, and of each stream besides, MB. */
  processMegabytes: perProcess(megabytes),
  streamMegabytes: perStream(megabytes),
} as const;

/** Processors that open streams keep busy, in all processes together: by being open, and by what they are told. */
export function busyProcessors({ processes, open, changesPerSecond, workspaces }: Load): number {
  const byBeingOpen = (processes * laptop.processSeconds + open * laptop.streamSeconds) / 3600;
  const byFrames = open * (changesPerSecond / workspaces) * (laptop.frameMs / 1000);
  return byBeingOpen + byFrames;
}
