import { jitter } from '../clock.ts';
import type { ResumeReason } from '../../protocol/frames.ts';
import type { Position } from '../log/cursor.ts';
import { CursorSeal } from '../log/cursor.ts';
import type { ReadResult, SegmentPage } from '../log/read-store.ts';
import { UnknownFormat } from '../log/read-store.ts';
import type { Segment } from '../log/segment.ts';
import { endOf } from '../log/segment.ts';
import type { LogFrame } from '../subscription/frames-from.ts';
import { framesFrom } from '../subscription/frames-from.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { EndWatch } from './end-watch.ts';
import { SessionEnd } from './end-watch.ts';
import type { SessionPorts } from './ports.ts';
import { ReplayPace } from './replay-pace.ts';
import type { Start } from './start.ts';
import { findStart } from './start.ts';

export type LogWalkPorts = Pick<SessionPorts, 'reader' | 'clock' | 'random' | 'observer'>;

/** How long the log may be unreadable before the session ends, milliseconds. */
const troubleMs = 60_000;

/** The way of one session through the log of its workspace: where it is, and what comes next. */
export class LogWalk {
  readonly #subscription: Subscription;
  readonly #endWatch: EndWatch;
  readonly #ports: LogWalkPorts;
  readonly #pace = new ReplayPace();
  #position!: Position;
  #seal!: CursorSeal;
  #behind = false;
  #troubleSince: number | undefined;
  /** What was read and is not told yet, from the segment of the position on. */
  #segments: readonly Segment[] = [];

  constructor(subscription: Subscription, endWatch: EndWatch, ports: LogWalkPorts) {
    this.#subscription = subscription;
    this.#endWatch = endWatch;
    this.#ports = ports;
  }

  /**
   * Finds the place to start from.
   * @param cursor as the client gave it; undefined to start at the end of the log.
   * @returns what the client is told of its cursor; undefined where it gave none.
   * @throws what the log's store throws.
   */
  async open(cursor: string | undefined): Promise<Start['resume']> {
    const { reader, clock } = this.#ports;
    const { position, seal, found, resume } = await findStart(
      reader,
      this.#subscription,
      cursor,
      this.#pace.most,
    );
    this.#position = position;
    this.#seal = seal;
    this.#behind = found !== undefined;
    if (found) this.#take(found, clock.now());
    else this.#pace.finish();
    return resume;
  }

  /** The cursor of the place where the walk is. */
  get cursor(): string {
    return this.#seal.seal(this.#position);
  }

  /** Whether everything that was read is told. */
  get needsMore(): boolean {
    return this.#segments.length === 0;
  }

  /** Lets go of what was read and is not told. It is read again when it is needed. */
  forget(): void {
    this.#segments = [];
  }

  /** What the next segment tells. The walk moves behind each frame as it gives it, and behind the segment after the last. */
  *framesOfSegment(): Generator<LogFrame> {
    const [segment] = this.#segments;
    if (!segment) return;
    const { frames, position } = framesFrom([segment], this.#position, this.#subscription);
    for (const frame of frames) {
      this.#moveTo(frame.after);
      yield frame;
    }
    this.#moveTo(position);
  }

  #moveTo(position: Position): void {
    this.#position = position;
    const [segment] = this.#segments;
    if (segment && segment.segment < position.segment) this.#segments = this.#segments.slice(1);
  }

  /**
   * Reads the next page: at once when the session is behind, else within so many milliseconds.
   * @returns why the walk had to go on at the end of the log, and the client has to load everything again; undefined where
   *   it did not.
   * @throws {SessionEnd} when the session must end.
   */
  async read(timeoutMs: number): Promise<ResumeReason | undefined> {
    const { clock } = this.#ports;
    const now = clock.now();
    const wait = this.#behind ? this.#pace.waitMs(now) : 0;
    try {
      if (wait > 0) {
        await this.#endWatch.unlessOver(clock.sleep(Math.min(timeoutMs, wait)));
        return undefined;
      }
      if (this.#behind && this.#pace.isSpent) throw new SessionEnd('catching_up');
      return await this.#accept(await this.#nextPage(timeoutMs), now);
    } catch (error) {
      await this.#failed(error, timeoutMs);
      return undefined;
    }
  }

  #nextPage(timeoutMs: number): Promise<ReadResult> {
    const { reader } = this.#ports;
    const { workspace } = this.#subscription.principal;
    const { log, segment } = this.#position;
    return this.#behind
      ? this.#endWatch.unlessOver(reader.read(workspace, log, segment, this.#pace.most))
      : reader.waitFor(workspace, log, segment, timeoutMs);
  }

  /** @param asked when the page was asked for. */
  async #accept(result: ReadResult, asked: number): Promise<ResumeReason | undefined> {
    if (result.kind === 'segments') this.#take(result, asked);
    else this.#behind = false;
    if (!this.#behind) this.#pace.finish();
    if (result.kind === 'lost') await this.#goToEnd();
    // A wait that ends without a completed read says nothing about whether the log can be read.
    const readAt = result.kind === 'none' ? (result.readAt ?? -Infinity) : this.#ports.clock.now();
    if (this.#troubleSince !== undefined && readAt > this.#troubleSince) this.#troubleSince = undefined;
    this.#endInTrouble();
    return result.kind === 'lost' ? result.reason : undefined;
  }

  /** Waits until it may be tried again. */
  async #failed(error: unknown, timeoutMs: number): Promise<void> {
    const { clock, random, observer } = this.#ports;
    if (error instanceof SessionEnd) throw error;
    observer.trouble('the log cannot be read', error);
    if (error instanceof UnknownFormat) throw new SessionEnd('deploy');
    this.#troubleSince ??= clock.now();
    this.#endInTrouble();
    await clock.sleep(Math.min(timeoutMs, jitter(random, 500, 1500)));
  }

  /** Takes a page that was read. */
  #take({ segments, more, units }: SegmentPage, now: number): void {
    this.#segments = segments;
    if (this.#behind) this.#pace.spend(units, now);
    this.#behind = more;
  }

  async #goToEnd(): Promise<void> {
    const { principal } = this.#subscription;
    const head = await this.#endWatch.unlessOver(this.#ports.reader.openHead(principal.workspace));
    this.#position = endOf(head);
    this.#seal = new CursorSeal(head, principal);
  }

  /** Ends a session that could not read the log for too long. */
  #endInTrouble(): void {
    const { clock } = this.#ports;
    if (this.#troubleSince !== undefined && clock.now() - this.#troubleSince >= troubleMs)
      throw new SessionEnd('trouble');
  }
}
