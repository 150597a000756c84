import { readFileSync } from 'node:fs';
import type { ReviewedFinding } from './comparison.ts';

/** Findings of one function that were accepted for one reason: each of the actions on each of the resources. */
interface ReviewedGroup {
  readonly function: string;
  readonly actions: readonly string[];
  /** As the report prints them. */
  readonly resources: readonly string[];
  readonly finding: ReviewedFinding['finding'];
  readonly reason: string;
}

/** Reads the findings that somebody looked at and accepted, one entry for each action and resource. */
export function readReviewed(file: string): ReviewedFinding[] {
  const groups = JSON.parse(readFileSync(file, 'utf8')) as ReviewedGroup[];
  return groups.flatMap(({ actions, resources, ...rest }) =>
    actions.flatMap((action) => resources.map((resource) => ({ ...rest, action, resource }))),
  );
}
