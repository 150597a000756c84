import type { Finding } from './finding.ts';
import type { LeafChange } from './leaves.ts';
import { change, code, named } from './markdown-text.ts';
import type { ResourceChange } from './resource-changes.ts';

/** Resources that hold data, and what is gone with them. */
const stateful: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'its items',
  'AWS::DynamoDB::GlobalTable': 'its items',
  'AWS::S3::Bucket': 'its objects',
  'AWS::Cognito::UserPool': 'its users',
  'AWS::Cognito::UserPoolGroup': 'its memberships',
  'AWS::Cognito::UserPoolUser': 'its password',
  'AWS::Logs::LogGroup': 'its log lines',
  'AWS::KMS::Key': 'the way to read what it has encrypted',
  'AWS::SecretsManager::Secret': 'its value',
  'AWS::SSM::Parameter': 'its value',
  'AWS::SQS::Queue': 'its messages',
  'AWS::Kinesis::Stream': 'its records',
  'AWS::EFS::FileSystem': 'its files',
  'AWS::RDS::DBInstance': 'its database',
  'AWS::RDS::DBCluster': 'its database',
};

interface LeafRule {
  readonly type: RegExp;
  readonly path: RegExp;
  /** Whether the change can lose data; every change can where it is left out. */
  readonly loses?: (change: LeafChange) => boolean;
  readonly meaning: string;
}

const wasOn = ({ before }: LeafChange): boolean => ['true', 'ACTIVE', 'Enabled'].includes(before ?? '');
/** An absent number is no limit. */
const isLess = ({ before, after }: LeafChange): boolean =>
  Number(after ?? Infinity) < Number(before ?? Infinity);

const rules: readonly LeafRule[] = [
  {
    type: /./,
    path: /(^|\.)DeletionProtection(Enabled)?$/,
    loses: wasOn,
    meaning: 'deletion protection is off: a mistake can delete it',
  },
  {
    type: /^AWS::DynamoDB::/,
    path: /PointInTimeRecoveryEnabled$/,
    loses: wasOn,
    meaning: 'no point in time can be restored any more, and the backups until now are gone',
  },
  {
    type: /^AWS::DynamoDB::/,
    path: /TimeToLiveSpecification\./,
    meaning: 'DynamoDB deletes items by this attribute',
  },
  {
    type: /^AWS::DynamoDB::/,
    path: /StreamSpecification/,
    meaning: 'the table gets another stream: records that were not read yet are not delivered',
  },
  {
    type: /^AWS::DynamoDB::GlobalTable$/,
    path: /^Replicas\[.*\]\.Region$/,
    // The replica of the stack's own region cannot go: it is only written otherwise.
    loses: ({ before, after }) => after === undefined && before !== '${AWS::Region}',
    meaning: 'this replica is deleted',
  },
  {
    type: /^AWS::S3::Bucket$/,
    path: /^LifecycleConfiguration\./,
    meaning: 'S3 deletes objects by this rule',
  },
  {
    type: /^AWS::S3::Bucket$/,
    path: /^VersioningConfiguration\.Status$/,
    loses: wasOn,
    meaning: 'what is overwritten or deleted cannot be brought back',
  },
  {
    type: /^AWS::Logs::LogGroup$/,
    path: /^RetentionInDays$/,
    loses: isLess,
    meaning: 'older log lines are deleted',
  },
];

/** Gives what of a change can lose data: deletion, replacement, and protection that is taken away. */
export function dataLoss(resource: ResourceChange): Finding[] {
  const texts = [...fateTexts(resource), ...policyTexts(resource), ...leafTexts(resource)];
  return texts.map((text) => ({
    section: 'data-loss',
    alarming: true,
    text: `${named(resource)} ${text}`,
  }));
}

/** Whether a change of this property can lose data, and is told by `dataLoss`. */
export function isDataLoss({ type, before }: ResourceChange, leaf: LeafChange): boolean {
  return before !== undefined && ruleFor(type, leaf) !== undefined;
}

function ruleFor(type: string, leaf: LeafChange): LeafRule | undefined {
  return rules.find(
    (rule) => rule.type.test(type) && rule.path.test(leaf.path) && (rule.loses?.(leaf) ?? true),
  );
}

function fateTexts({ before, after, fate, replacing }: ResourceChange): string[] {
  const held = stateful[before?.Type ?? ''];
  if (before === undefined || held === undefined) return [];
  if (fate === 'removed') {
    return [
      isKept(before.DeletionPolicy)
        ? `leaves the stack: ${held} stay in the account, but nothing uses them any more`
        : `is deleted, and ${held} with it`,
    ];
  }
  if (fate !== 'replaced' && fate !== 'may-replace') return [];
  const because =
    replacing.length === 0 ? 'its type changes' : replacing.map((property) => code(property)).join(', ');
  const verb = fate === 'replaced' ? 'is replaced' : 'may be replaced';
  // Which of the two templates decides is not documented: the data is safe only when both say so.
  const isSafe = isKept(before.UpdateReplacePolicy) && isKept(after?.UpdateReplacePolicy);
  return [
    `${verb} by a new and empty one (${because}); ${held} ${isSafe ? 'stay in the account with the old one' : 'are deleted with the old one'}`,
  ];
}

function isKept(policy: string | undefined): boolean {
  return policy === 'Retain' || policy === 'RetainExceptOnCreate' || policy === 'Snapshot';
}

function policyTexts({ before, after }: ResourceChange): string[] {
  if (before === undefined || after === undefined) return [];
  return (['DeletionPolicy', 'UpdateReplacePolicy'] as const)
    .filter((policy) => isKept(before[policy]) && !isKept(after[policy]))
    .map((policy) => {
      const event = policy === 'DeletionPolicy' ? 'the stack' : 'a replacement';
      return `has ${policy} ${change(before[policy], after[policy] ?? 'Delete')}: ${event} now takes the data along`;
    });
}

function leafTexts({ type, before, leaves }: ResourceChange): string[] {
  if (before === undefined) return [];
  return leaves.flatMap((leaf) => {
    const rule = ruleFor(type, leaf);
    return rule === undefined
      ? []
      : [`${code(leaf.path)} ${change(leaf.before, leaf.after)}: ${rule.meaning}`];
  });
}
