import type { ResumeReason } from '../../protocol/frames.ts';
import type { Clock } from '../clock.ts';
import type { Change } from '../log/change.ts';
import type { Segment } from '../log/segment.ts';
import { ReplayPace } from '../session/replay-pace.ts';
import type { LogFrame } from '../subscription/frames-from.ts';
import { framesOfChange, tasksSeenIn } from '../subscription/frames-from.ts';
import type { CurrentTasks } from '../subscription/past.ts';
import { Past } from '../subscription/past.ts';
import type { Subscription } from '../subscription/subscription.ts';

/** What a page may hold. */
export interface PageRoom {
  /** The most events. */
  readonly limit: number;
  /** What all of them may weigh together; the first may weigh whatever it does. */
  readonly most: number;
  /** What one weighs. */
  readonly weigh: (json: string) => number;
}

/** Why a page ends before the history does: it is full, or has cost what it may. */
export class PageEnd extends Error {
  override readonly name = 'PageEnd';
}

/** A page of history in the making: what is in it, and what it may still cost. */
export class HistoryPage {
  readonly events: string[] = [];
  readonly pace = new ReplayPace();
  /** Why something is missing in it; undefined where nothing is. */
  missing: ResumeReason | undefined;
  readonly #subscription: Subscription;
  readonly #room: PageRoom;
  readonly #clock: Clock;
  readonly #past: Past;
  #weight = 0;
  #hasLookedUp = false;

  constructor(subscription: Subscription, room: PageRoom, tasks: CurrentTasks, clock: Clock) {
    this.#subscription = subscription;
    this.#room = room;
    this.#clock = clock;
    this.#past = new Past(tasks, subscription.principal);
  }

  /**
   * What the reader hears of one change.
   * @param following the changes that are told next, this one among them: their tasks are looked up together.
   * @throws {PageEnd} when looking tasks up would cost more than the page may; whatever the table throws.
   */
  async hear(
    segment: Segment,
    index: number,
    first: number,
    following: () => Iterable<Change>,
  ): Promise<readonly LogFrame[]> {
    for (;;) {
      const frames = framesOfChange(segment, index, first, this.#subscription, this.#past);
      if (frames !== undefined) return frames.filter((frame) => this.#isEvent(frame));
      // Each page tells something, whatever has been spent on the log: else nobody would ever get past that place.
      if (this.#hasLookedUp && this.pace.isSpent) throw new PageEnd();
      this.#hasLookedUp = true;
      this.pace.spend(
        await this.#past.learn(tasksSeenIn(following(), this.#subscription)),
        this.#clock.now(),
      );
    }
  }

  #isEvent({ type }: LogFrame): boolean {
    if (type !== 'resume') return true;
    this.missing ??= 'resync';
    return false;
  }

  /**
   * Takes an event.
   * @throws {PageEnd} when there is no room for it.
   */
  add(json: string): void {
    const weight = this.#weight + this.#room.weigh(json);
    const isFull = this.events.length === this.#room.limit;
    if (isFull || (this.events.length > 0 && weight > this.#room.most)) throw new PageEnd();
    this.#weight = weight;
    this.events.push(json);
  }
}
