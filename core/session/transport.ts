import type { EndReason } from '../../protocol/end-reasons.ts';
import type { Frame } from '../../protocol/frames.ts';

/** What carries the frames of a session to its client. */
export interface Transport {
  /** Takes frames in their order; gives nothing where there is room for more at once, else a promise of room. */
  write(frames: readonly Frame[]): Promise<void> | undefined;
  /** Resolves when nothing that is written arrives any more; where nobody tells, never. */
  readonly broken: Promise<void>;
  /**
   * Takes no more frames, and ends when its client has taken those there are.
   * @param reason why; an `end` frame has said so, unless the client does not read. Undefined where nobody foresaw it.
   */
  close(reason: EndReason | undefined): void;
}
