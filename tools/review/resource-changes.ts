import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import type { TemplateDiff } from '@aws-cdk/cloudformation-diff';
import { changedLeaves } from './leaves.ts';
import type { LeafChange } from './leaves.ts';
import type { Resource, StageTemplate } from './template.ts';
import { Names } from './template.ts';

/** What a deploy does with a resource. `may-replace`: that depends on values only CloudFormation knows. */
export type Fate = 'created' | 'updated' | 'replaced' | 'may-replace' | 'removed';

/** A resource that a deploy of the change touches. */
export interface ResourceChange {
  readonly name: string;
  readonly type: string;
  readonly fate: Fate;
  readonly before: Resource | undefined;
  readonly after: Resource | undefined;
  /** Properties for which CloudFormation makes a new resource. */
  readonly replacing: readonly string[];
  /** Scalars of the properties that differ; for a created resource all, for a removed one none. */
  readonly leaves: readonly LeafChange[];
}

/** Two templates of a stage, compared. */
export interface TemplateChanges {
  readonly resources: readonly ResourceChange[];
  /** The library's own comparison: statements of IAM, outputs, parameters. */
  readonly diff: TemplateDiff;
  readonly names: Names;
}

/** Compares two templates of a stage. What CloudFormation replaces is known from its published resource schemas. */
export function compareTemplates(before: StageTemplate, after: StageTemplate): TemplateChanges {
  const names = new Names(before, after);
  const diff = fullDiff(structuredClone(before.template), structuredClone(after.template));
  const resources = diff.resources.logicalIds.flatMap((logicalId): ResourceChange[] => {
    const difference = diff.resources.get(logicalId);
    const old = before.template.Resources[logicalId];
    const fresh = after.template.Resources[logicalId];
    const leaves = fresh === undefined ? [] : changedLeaves(old?.Properties, fresh.Properties);
    const policyChanged =
      old?.DeletionPolicy !== fresh?.DeletionPolicy ||
      old?.UpdateReplacePolicy !== fresh?.UpdateReplacePolicy;
    const fate = fateOf(difference.changeImpact, old, fresh);
    // Metadata and the order of creation change nothing that runs.
    if (fate === 'updated' && leaves.length === 0 && !policyChanged) return [];
    const replacing = Object.entries(difference.propertyUpdates)
      .filter(([, { changeImpact }]) => isReplacement(changeImpact))
      .map(([property]) => property)
      .toSorted();
    const type = (fresh ?? old)?.Type ?? '';
    return [{ name: names.of(logicalId), type, fate, before: old, after: fresh, replacing, leaves }];
  });
  return { resources: resources.toSorted(byName), diff, names };
}

function isReplacement(impact: ResourceImpact | undefined): boolean {
  return impact === ResourceImpact.WILL_REPLACE || impact === ResourceImpact.MAY_REPLACE;
}

function fateOf(impact: ResourceImpact, old: Resource | undefined, fresh: Resource | undefined): Fate {
  if (old === undefined) return 'created';
  if (fresh === undefined) return 'removed';
  if (impact === ResourceImpact.WILL_REPLACE || old.Type !== fresh.Type) return 'replaced';
  return impact === ResourceImpact.MAY_REPLACE ? 'may-replace' : 'updated';
}

function byName(a: ResourceChange, b: ResourceChange): number {
  return a.name === b.name ? 0 : a.name < b.name ? -1 : 1;
}
