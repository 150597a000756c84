/** What the median of many times may be, milliseconds: a busy machine is slow now and then, and not half of the time. */
export interface MedianBounds {
  readonly least?: number;
  readonly most: number;
}

/** Of fewer times the median is the slowest, or next to it, and says what an allowance is for. */
const fewestTimes = 3;

/**
 * Times of many streams against bounds that hold for their median, without an allowance for a machine that is busy now
 * and then.
 */
export class Medians {
  readonly #measured = new Map<string, { readonly bounds: MedianBounds; readonly times: number[] }>();

  /** Notes what one stream took, milliseconds. */
  note(what: string, bounds: MedianBounds, milliseconds: number): void {
    const measured = this.#measured.get(what) ?? { bounds, times: [] };
    this.#measured.set(what, measured);
    measured.times.push(milliseconds);
  }

  /**
   * The medians that are out of their bounds, in words.
   * @param allowanceMs what the bounds are given on a machine that is busy all the time, milliseconds.
   */
  judge(allowanceMs = 0): string[] {
    return [...this.#measured].flatMap(([what, { bounds, times }]) => {
      if (times.length < fewestTimes) return [];
      // What has ended before somebody looked took less than no time.
      const least = (bounds.least ?? -Infinity) - allowanceMs;
      const most = bounds.most + allowanceMs;
      const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
      if (median >= least && median <= most) return [];
      return [
        `${what}: ${median.toFixed(0)} ms in the median, and should be ${least > 0 ? `${least.toFixed(0)} to` : 'at most'} ${most.toFixed(0)} ms`,
      ];
    });
  }
}
