import type { AccessDecision } from '../../local/iam/access-control.ts';
import { compilePolicy } from '../../local/iam/evaluator.ts';
import { reportPrefix } from './grants.ts';
import type { Grant } from './grants.ts';

/** A finding that somebody looked at and accepted. */
export interface ReviewedFinding {
  readonly function: string;
  readonly action: string;
  /** As the report prints it. */
  readonly resource: string;
  readonly finding: 'unused' | 'denied';
  readonly reason: string;
}

/** One line of the report. */
export interface PermissionLine {
  readonly function: string;
  readonly action: string;
  readonly resource: string;
  /** How often it was asked for. */
  readonly count: number;
  /** Why an unused or denied permission is accepted; undefined when nobody said so. */
  readonly reason: string | undefined;
}

/** What is granted against what was asked for. */
export interface PermissionComparison {
  readonly used: readonly PermissionLine[];
  /** Granted and never used. */
  readonly unused: readonly PermissionLine[];
  /** Asked for and not granted. */
  readonly denied: readonly PermissionLine[];
  /** Reviewed findings that are none: the permission is used, or gone. */
  readonly stale: readonly ReviewedFinding[];
}

/** Compares what the template grants with what the functions of running stacks asked for. */
export function comparePermissions(
  grants: readonly Grant[],
  use: readonly AccessDecision[],
  reviewed: readonly ReviewedFinding[],
): PermissionComparison {
  const needed = new Set<ReviewedFinding>();
  const line = (
    { functionName, action, resource }: Grant,
    count: number,
    finding: 'used' | ReviewedFinding['finding'],
  ): PermissionLine => {
    const permission = { function: functionName, action, resource: readableResource(resource) };
    const review = reviewed.find(
      (entry) =>
        entry.function === permission.function &&
        entry.action === permission.action &&
        entry.resource === permission.resource &&
        entry.finding === finding,
    );
    if (review !== undefined) needed.add(review);
    return { ...permission, count, reason: review?.reason };
  };
  const used: PermissionLine[] = [];
  const unused: PermissionLine[] = [];
  for (const grant of distinct(grants)) {
    const count = timesUsed(grant, use);
    if (count > 0) used.push(line(grant, count, 'used'));
    else unused.push(line(grant, 0, 'unused'));
  }
  const denied = use
    .filter(({ allowed }) => !allowed)
    .map((decision) => line(decision, decision.count, 'denied'));
  return { used, unused, denied, stale: reviewed.filter((entry) => !needed.has(entry)) };
}

function timesUsed(grant: Grant, use: readonly AccessDecision[]): number {
  const statement = { Effect: 'Allow', Action: grant.action, Resource: grant.resource };
  const { allows } = compilePolicy([statement], grant.functionName);
  return use
    .filter(({ functionName, allowed }) => allowed && functionName === grant.functionName)
    .filter(({ action, resource }) => allows(action, resource))
    .reduce((sum, { count }) => sum + count, 0);
}

function distinct(grants: readonly Grant[]): Grant[] {
  return [...new Map(grants.map((grant) => [JSON.stringify(grant), grant])).values()];
}

/** An ARN without what is the same everywhere, and logical ids without the hash that CDK adds to them. */
function readableResource(arn: string): string {
  return arn
    .replace(/^arn:aws:[^:]*:[^:]*:[^:]*:/, '')
    .replaceAll(new RegExp(`${reportPrefix}-([A-Za-z0-9]+?)[0-9A-F]{8}(?![A-Za-z0-9])`, 'g'), '$1');
}
