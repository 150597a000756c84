import type { SeenState } from './connection.ts';
import type { Drain } from './drain.ts';

/** What a look at the connections table shows. */
export interface ConnectionView {
  readonly state: SeenState;
  /** The last drain; undefined where there was none. */
  readonly drain: Drain | undefined;
}
