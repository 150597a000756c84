import type { Frame } from '../../protocol/frames.ts';

/** What carries the frames of a session to its client. */
export interface Transport {
  /** Takes frames in their order; gives nothing where there is room for more at once, else a promise of room. */
  write(frames: readonly Frame[]): Promise<void> | undefined;
  /** Whether nothing that is written arrives any more. */
  isBroken(): boolean;
}
