import type { AwarenessPorts } from '../awareness/awareness-walk.ts';
import type { Clock, Random } from '../clock.ts';
import type { ConnectionView } from '../connections/connection-view.ts';
import type { SegmentReader } from '../log/segment-reader.ts';
import type { Observer } from '../observer.ts';
import type { CurrentTasks } from '../subscription/past.ts';

/** The item of a stream in the connections table, as its session uses it. */
export interface ConnectionItem {
  /**
   * Looks at what others have written there.
   * @param isDecisive whether it must not show what it was a moment ago.
   */
  look(isDecisive: boolean): Promise<ConnectionView>;
  /** Notes that the stream ends earlier than was said, epoch milliseconds. */
  moveDeadline(deadline: number): Promise<unknown>;
}

/** What a session works with. */
export interface SessionPorts {
  readonly reader: Pick<SegmentReader, 'openHead' | 'seek' | 'read' | 'readBelow' | 'waitFor'>;
  readonly tasks: CurrentTasks;
  readonly awareness: Omit<AwarenessPorts, 'clock' | 'random' | 'observer'>;
  readonly connection: ConnectionItem;
  readonly observer: Pick<Observer, 'opened' | 'resumed' | 'caughtUp' | 'told' | 'ended' | 'trouble'>;
  readonly clock: Clock;
  readonly random: Random;
}
