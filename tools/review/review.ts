import { compareStage } from './compare-stage.ts';
import { mergeStages } from './finding.ts';
import type { StagedFinding } from './finding.ts';
import type { BundleSize, StageAssembly } from './stage-assembly.ts';

/** The bundle of a function; a side is undefined where the function does not exist. */
export interface BundleChange {
  readonly name: string;
  readonly before: BundleSize | undefined;
  readonly after: BundleSize | undefined;
}

/** All that is to be said about a change. */
export interface Review {
  /** The revision that was asked for, and the commit it was compared with. */
  readonly base: string;
  readonly commit: string;
  readonly stages: readonly string[];
  readonly findings: readonly StagedFinding[];
  readonly bundles: readonly BundleChange[];
  /** Whether the bundles of the base were made with the packages of the change. */
  readonly borrowsPackages: boolean;
}

/** A stage on both sides; undefined where it does not exist. */
export interface StagePair {
  readonly stage: string;
  readonly before: StageAssembly | undefined;
  readonly after: StageAssembly | undefined;
}

/** Compares the stages. */
export function review(
  pairs: readonly StagePair[],
  { base, commit, borrowsPackages }: Pick<Review, 'base' | 'commit' | 'borrowsPackages'>,
): Review {
  return {
    base,
    commit,
    stages: pairs.map(({ stage }) => stage),
    findings: mergeStages(
      pairs.map(({ stage, before, after }) => [stage, compareStage(before, after)] as const),
    ),
    bundles: bundleChanges(pairs),
    borrowsPackages,
  };
}

/** A function has one bundle, whatever the stage: the first stage that has it tells its size. */
function bundleChanges(pairs: readonly StagePair[]): BundleChange[] {
  const sizes = (side: 'before' | 'after'): Map<string, BundleSize> =>
    new Map(pairs.toReversed().flatMap((pair) => [...(pair[side]?.bundles ?? [])]));
  const [before, after] = [sizes('before'), sizes('after')];
  return [...new Set([...before.keys(), ...after.keys()])]
    .toSorted()
    .map((name) => ({ name, before: before.get(name), after: after.get(name) }));
}
