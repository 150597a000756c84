import type { Random } from '../clock.ts';
import { jitter } from '../clock.ts';

/** How often the end of a log is read. */
export interface PaceOptions {
  readonly random: Random;
  /** Time between two polls while changes flow, milliseconds. */
  readonly pollMinMs: number;
  /** Time between two polls after a quiet while, milliseconds. */
  readonly pollMaxMs: number;
  /** How often a quiet reader looks whether the log is still the same one, milliseconds. */
  readonly headCheckMs: number;
}

/** How often a quiet reader looks whether the log is still the same one, unless it is told otherwise. Milliseconds. */
export const usualHeadCheckMs = 5000;

/** By how much each pause is longer than the one before, until it is the longest. */
const growth = 1.5;

/**
 * How many streams together make their shared poll come so many times as often: it tells all of them for what it costs one,
 * and together they never cost more than each of them alone would.
 */
export const mostSharers = 5;

/** More often than this no poll comes for being shared, milliseconds: a read takes some milliseconds itself. */
const leastSharedMs = 20;

/** What a pause between two polls is where so many streams wait for them, milliseconds. */
export function sharedPauseMs(pauseMs: number, streams: number): number {
  return Math.max(Math.min(pauseMs, leastSharedMs), pauseMs / Math.min(streams, mostSharers));
}

/**
 * The pace of one reader that waits at the end of a log: quick at first, because something has just happened or somebody
 * has just come, and slower the longer nothing does. Time is what its caller says, so that a model can ask it too.
 */
export class PollPace {
  readonly #options: PaceOptions;
  #intervalMs: number;
  #headCheckedAt: number;

  /** @param now when it begins to wait, milliseconds of any clock. */
  constructor(options: PaceOptions, now: number) {
    this.#options = options;
    this.#intervalMs = options.pollMinMs;
    this.#headCheckedAt = now;
  }

  /** How long to wait before the next poll, milliseconds; to be asked once a poll. */
  nextPauseMs(): number {
    const { random, pollMinMs, pollMaxMs } = this.#options;
    const pause = jitter(random, 0.75, 1.25) * this.#intervalMs;
    this.#intervalMs = Math.min(pollMaxMs, Math.max(pollMinMs, this.#intervalMs * growth));
    return pause;
  }

  /** Whether a poll is to read the head, which costs twice as much as a plain read; to be asked once a poll, at its time. */
  checksHead(now: number): boolean {
    if (now - this.#headCheckedAt < this.#options.headCheckMs) return false;
    this.#headCheckedAt = now;
    return true;
  }
}
