import { isCost } from './cost.ts';
import { isDataLoss } from './data-loss.ts';
import type { Finding } from './finding.ts';
import type { LeafChange } from './leaves.ts';
import { change, code, named } from './markdown-text.ts';
import type { Fate, ResourceChange, TemplateChanges } from './resource-changes.ts';
import { isSecurity } from './security.ts';

/** Their permissions are told statement by statement. */
const POLICY_TYPES =
  /^AWS::(IAM::(Policy|ManagedPolicy|RolePolicy)|S3::BucketPolicy|SNS::TopicPolicy|SQS::QueuePolicy|Lambda::Permission)$/;
const POLICY_PATHS = /^(AssumeRolePolicyDocument|Policies|ManagedPolicyArns|KeyPolicy)\b/;

const VERBS: Readonly<Record<Fate, string>> = {
  created: 'is created',
  updated: 'changes',
  replaced: 'is **replaced**',
  'may-replace': 'may be **replaced**',
  removed: 'is removed',
};

/** The most properties that are told of one resource. */
const MOST_LEAVES = 6;

/** Gives the rest of the changes, a line each: what no other section tells. */
export function otherChanges({ resources, diff }: TemplateChanges): Finding[] {
  const texts = [
    ...resources.flatMap(resourceText),
    ...sectionTexts('the output', diff.outputs.changes),
    ...sectionTexts('the parameter', diff.parameters.changes),
  ];
  return texts.map((text) => ({ section: 'resources', alarming: false, text }));
}

function resourceText(resource: ResourceChange): string[] {
  const { type, fate, replacing } = resource;
  if (POLICY_TYPES.test(type)) return [];
  if (fate === 'created' || fate === 'removed') return [`${named(resource)} ${VERBS[fate]}`];
  const left = resource.leaves.filter(
    (leaf) =>
      !POLICY_PATHS.test(leaf.path) &&
      !isDataLoss(resource, leaf) &&
      !isSecurity(resource, leaf) &&
      !isCost(resource, leaf),
  );
  const because =
    replacing.length === 0 ? '' : ` (${replacing.map((property) => code(property)).join(', ')})`;
  if (left.length === 0) return fate === 'updated' ? [] : [`${named(resource)} ${VERBS[fate]}${because}`];
  const told = left.slice(0, MOST_LEAVES).map(leafText);
  if (left.length > MOST_LEAVES) told.push(`${left.length - MOST_LEAVES} more`);
  return [`${named(resource)} ${VERBS[fate]}${because}: ${told.join('; ')}`];
}

function leafText({ path, before, after }: LeafChange): string {
  return path === 'Code.S3Key' ? 'its code' : `${code(path)} ${change(before, after)}`;
}

function sectionTexts(
  what: string,
  changes: Readonly<Record<string, { readonly isAddition: boolean; readonly isRemoval: boolean }>>,
): string[] {
  return Object.entries(changes)
    .toSorted(([a], [b]) => Number(a > b) - Number(a < b))
    .map(([name, { isAddition, isRemoval }]) => {
      const verb = isAddition ? 'is new' : isRemoval ? 'goes' : 'changes';
      return `${what} ${code(name)} ${verb}`;
    });
}
