import type { Filter } from './filter.ts';
import type { Principal } from './principal.ts';

/** Whose changes a reader of the log wants to hear of. */
export interface Subscription {
  readonly principal: Principal;
  readonly filter: Filter;
}
