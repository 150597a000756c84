import type { ResumeReason } from '../../protocol/frames.ts';
import type { Position } from '../log/cursor.ts';
import { CursorSeal } from '../log/cursor.ts';
import type { ReadResult, SegmentPage } from '../log/read-store.ts';
import type { Segment } from '../log/segment.ts';
import type { Wait } from '../log/tail-poller.ts';
import type { Observer } from '../observer.ts';
import { endOf } from '../log/segment.ts';
import type { LogFrame } from '../subscription/frames-from.ts';
import { framesFrom, tasksSeenIn } from '../subscription/frames-from.ts';
import { Past } from '../subscription/past.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { CatchUpTurns } from './catch-up-turns.ts';
import { OwnTurns } from './catch-up-turns.ts';
import type { EndWatch } from './end-watch.ts';
import { SessionEnd } from './end-watch.ts';
import { LogTrouble } from './log-trouble.ts';
import type { SessionPorts } from './ports.ts';
import { ReplayPace } from './replay-pace.ts';
import type { Start, WantedStart } from './start.ts';
import { findStart } from './start.ts';

export type LogWalkPorts = Pick<SessionPorts, 'reader' | 'tasks' | 'clock' | 'random'> & {
  readonly observer: Pick<Observer, 'trouble'>;
  /** Left out where there is one walk at a time anyway. */
  readonly turns?: CatchUpTurns;
};

/** The way of one session through the log of its workspace: where it is, and what comes next. */
export class LogWalk {
  readonly #subscription: Subscription;
  readonly #endWatch: Pick<EndWatch, 'unlessOver' | 'happensWithin' | 'onTurn'>;
  readonly #ports: LogWalkPorts;
  readonly #pace = new ReplayPace();
  readonly #trouble: LogTrouble;
  /** In each it reads a page of the history, and tells it. */
  readonly #turns: OwnTurns;
  #position!: Position;
  #seal!: CursorSeal;
  #behind = false;
  /** What was read and is not told yet, from the segment of the position on. */
  #segments: readonly Segment[] = [];
  /** As long as it tells what was before the client came. */
  #past: Past | undefined;
  /** Whether the past has to look tasks up before more of it can be told. */
  #isBlocked = false;
  #hasLookedUp = false;

  constructor(
    subscription: Subscription,
    endWatch: Pick<EndWatch, 'unlessOver' | 'happensWithin' | 'onTurn'>,
    ports: LogWalkPorts,
  ) {
    this.#subscription = subscription;
    this.#endWatch = endWatch;
    this.#ports = ports;
    this.#trouble = new LogTrouble(ports);
    this.#turns = new OwnTurns(ports.turns);
  }

  /**
   * Finds the place to start from.
   * @returns what the client is told of the cursor or the time that it gave; undefined where it gave none.
   * @throws what the log's store throws.
   */
  async open(wanted: WantedStart): Promise<Start['resume']> {
    const { reader, tasks, clock } = this.#ports;
    const {
      position,
      seal,
      found,
      resume,
      units = 0,
    } = await findStart(reader, this.#subscription, wanted, this.#pace.most);
    this.#position = position;
    this.#seal = seal;
    this.#pace.spend(units, clock.now());
    this.#behind = found !== undefined;
    if (found && position.past !== undefined) this.#past = new Past(tasks, this.#subscription.principal);
    if (found) this.#take(found, clock.now());
    this.#finishOnceLive();
    return resume;
  }

  /** Begins to tell what was found, if it is its turn; else it is read again then, most likely from memory. */
  begin(): void {
    if (this.#segments.length > 0 && !this.#turns.takeNow()) this.forget();
  }

  /** The place where the walk is. */
  get position(): Position {
    return this.#position;
  }

  /** The cursor of the place where the walk is. */
  get cursor(): string {
    return this.#seal.seal(this.#position);
  }

  /** Whether everything that was read is told, or nothing more of it can be told yet. */
  get needsMore(): boolean {
    return this.#segments.length === 0 || this.#isBlocked;
  }

  /** Whether there is something to tell that was logged before, and can be read now. */
  get isBehind(): boolean {
    return this.#behind || this.#isBlocked;
  }

  /** Lets go of what was read and is not told, and lets others catch up. It is read again when it is needed. */
  forget(): void {
    this.#segments = [];
    this.#turns.end();
  }

  /** What the next segment tells. The walk moves behind each frame as it gives it, and behind the segment after the last. */
  *framesOfSegment(): Generator<LogFrame> {
    const [segment] = this.#segments;
    if (!segment) return;
    const { frames, position } = framesFrom([segment], this.#position, this.#subscription, this.#past);
    for (const frame of frames) {
      this.#moveTo(frame.after);
      yield frame;
    }
    this.#moveTo(position);
    this.#isBlocked = position.segment === segment.segment;
  }

  #moveTo(position: Position): void {
    const { past = 0 } = this.#position;
    this.#position = position.segment <= past ? { ...position, past } : position;
    const [segment] = this.#segments;
    if (segment && segment.segment < position.segment) this.#segments = this.#segments.slice(1);
    if (this.#past === undefined || position.segment <= past) return;
    this.#past = undefined;
    this.#finishOnceLive();
  }

  /** What was logged since the client came is paid for by those who did it. */
  #finishOnceLive(): void {
    if (!this.#behind && this.#past === undefined) this.#pace.finish();
  }

  /**
   * Reads what is needed next: at once when the session is behind, else within so many milliseconds.
   * @returns why the walk had to go on at the end of the log, and the client has to load everything again; undefined where
   *   it did not.
   * @throws {SessionEnd} when the session must end.
   */
  async read(timeoutMs: number): Promise<ResumeReason | undefined> {
    const { clock } = this.#ports;
    const now = clock.now();
    const isPaced = this.#behind || this.#isBlocked;
    const wait = isPaced ? this.#pace.waitMs(now) : 0;
    // The page is told, or must wait.
    if (!this.#isBlocked || wait > 0) this.#turns.pass();
    try {
      if (wait > 0) {
        await this.#endWatch.unlessOver(clock.sleep(Math.min(timeoutMs, wait)));
        return undefined;
      }
      // Each stream tells something, whatever its first page has cost: else nobody would ever get past that place.
      const mayBeFirst = this.#isBlocked && !this.#hasLookedUp;
      if (isPaced && this.#pace.isSpent && !mayBeFirst) throw new SessionEnd('catching_up');
      if (this.#isBlocked) return await this.#lookUp(now);
      if (this.#behind && !(await this.#hasTurn(timeoutMs))) return undefined;
      const asked = clock.now();
      return await this.#accept(await this.#nextPage(timeoutMs), asked);
    } catch (error) {
      this.#turns.end();
      await this.#trouble.failed(error, timeoutMs);
      return undefined;
    }
  }

  /** Looks up the next tasks that the past would tell of. */
  async #lookUp(now: number): Promise<undefined> {
    const { change, past = 0 } = this.#position;
    const changes = this.#segments.flatMap(({ segment, changes: all }, index) =>
      segment > past ? [] : all.slice(index === 0 ? change : 0),
    );
    const units = await this.#endWatch.unlessOver(
      this.#past?.learn(tasksSeenIn(changes, this.#subscription)) ?? Promise.resolve(0),
    );
    this.#pace.spend(units, now);
    this.#hasLookedUp = true;
    this.#isBlocked = false;
  }

  #hasTurn(timeoutMs: number): Promise<boolean> {
    return this.#turns.take((begun) => this.#endWatch.happensWithin(begun, timeoutMs));
  }

  #nextPage(timeoutMs: number): Promise<ReadResult> {
    const { reader } = this.#ports;
    const { workspace } = this.#subscription.principal;
    const { log, segment } = this.#position;
    return this.#behind
      ? this.#endWatch.unlessOver(reader.read(workspace, log, segment, this.#pace.most))
      : this.#unlessTurn(reader.waitFor(workspace, log, segment, timeoutMs));
  }

  /** Waits at the end of the log, until something is found there or the session has something else to do. */
  async #unlessTurn({ result, end }: Wait): Promise<ReadResult> {
    const stop = this.#endWatch.onTurn(end);
    try {
      return await result;
    } finally {
      stop();
    }
  }

  /** @param asked when the page was asked for. */
  async #accept(result: ReadResult, asked: number): Promise<ResumeReason | undefined> {
    if (result.kind === 'segments') this.#take(result, asked);
    else this.#behind = false;
    this.#finishOnceLive();
    if (result.kind === 'lost') await this.#goToEnd();
    this.#trouble.readAt(result.kind === 'none' ? result.readAt : this.#ports.clock.now());
    return result.kind === 'lost' ? result.reason : undefined;
  }

  /** Takes a page that was read. */
  #take({ segments, more, units }: SegmentPage, now: number): void {
    this.#segments = segments;
    if (this.#behind) this.#pace.spendOnSegments(units, now);
    this.#behind = more;
  }

  async #goToEnd(): Promise<void> {
    const { principal } = this.#subscription;
    const head = await this.#endWatch.unlessOver(this.#ports.reader.openHead(principal.workspace));
    this.#position = endOf(head);
    this.#past = undefined;
    this.#isBlocked = false;
    this.#seal = new CursorSeal(head, principal);
  }
}
