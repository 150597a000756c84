import { isCost } from './cost.ts';
import { isDataLoss } from './data-loss.ts';
import type { Finding } from './finding.ts';
import type { LeafChange } from './leaves.ts';
import { change, code, named } from './markdown-text.ts';
import type { Fate, ResourceChange, TemplateChanges } from './resource-changes.ts';
import { isSecurity } from './security.ts';

/** Their permissions are told statement by statement. */
const policyTypes =
  /^AWS::(IAM::(Policy|ManagedPolicy|RolePolicy)|S3::BucketPolicy|SNS::TopicPolicy|SQS::QueuePolicy|Lambda::Permission)$/;
const policyPaths = /^(AssumeRolePolicyDocument|Policies|ManagedPolicyArns|KeyPolicy)\b/;

const verbs: Readonly<Record<Fate, string>> = {
  created: 'is created',
  updated: 'changes',
  replaced: 'is **replaced**',
  'may-replace': 'may be **replaced**',
  removed: 'is removed',
};

/** The most properties that are told of one resource. */
const mostLeaves = 6;

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
  if (policyTypes.test(type)) return [];
  if (fate === 'created' || fate === 'removed') return [`${named(resource)} ${verbs[fate]}`];
  const left = resource.leaves.filter(
    (leaf) =>
      !policyPaths.test(leaf.path) &&
      !isDataLoss(resource, leaf) &&
      !isSecurity(resource, leaf) &&
      !isCost(resource, leaf),
  );
  const because =
    replacing.length === 0 ? '' : ` (${replacing.map((property) => code(property)).join(', ')})`;
  if (left.length === 0) return fate === 'updated' ? [] : [`${named(resource)} ${verbs[fate]}${because}`];
  const told = left.slice(0, mostLeaves).map(leafText);
  if (left.length > mostLeaves) told.push(`${left.length - mostLeaves} more`);
  return [`${named(resource)} ${verbs[fate]}${because}: ${told.join('; ')}`];
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
