import type { VisibilityFacts } from '../subscription/visibility.ts';

/** A task, and who may see it. */
export interface SeenTask {
  readonly id: number;
  readonly facts: VisibilityFacts;
}
