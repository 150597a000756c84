import type { AwarenessPorts } from '../awareness/awareness-walk.ts';
import type { Clock, Random } from '../clock.ts';
import type { AskedEnd, EndNews } from '../connections/end-feed.ts';
import type { SegmentReader } from '../log/segment-reader.ts';
import type { Observer } from '../observer.ts';
import type { CurrentTasks } from '../subscription/past.ts';
import type { CatchUpTurns } from './catch-up-turns.ts';

/** What others have written into the item of a stream. */
export interface ItemState {
  /** That the stream was asked to end; undefined where it was not. */
  readonly asked: AskedEnd | undefined;
  /** When the lease that the client renews runs out, epoch milliseconds; undefined for a stream without one. */
  readonly leaseUntil: number | undefined;
}

/** The item of a stream in the connections table, as its session uses it. */
export interface ConnectionItem {
  /** Tells a listener every few seconds whether the stream must end, until the signal is aborted. */
  follow(listener: (news: EndNews) => void, signal: AbortSignal): void;
  /** What the item says at this moment; undefined where there is none any more. */
  state(): Promise<ItemState | undefined>;
  /** Notes that the stream ends earlier than was said, epoch milliseconds. */
  moveDeadline(deadline: number): Promise<unknown>;
}

/** What a session works with. */
export interface SessionPorts {
  readonly reader: Pick<SegmentReader, 'openHead' | 'seek' | 'read' | 'readBelow' | 'waitFor'>;
  readonly turns: CatchUpTurns;
  readonly tasks: CurrentTasks;
  readonly awareness: Omit<AwarenessPorts, 'clock' | 'random' | 'observer'>;
  readonly connection: ConnectionItem;
  readonly observer: Pick<Observer, 'opened' | 'resumed' | 'caughtUp' | 'told' | 'ended' | 'trouble'>;
  readonly clock: Clock;
  readonly random: Random;
}
