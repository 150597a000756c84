import type { TemplateDiff } from '@aws-cdk/cloudformation-diff';
import type { Finding } from './finding.ts';
import { code } from './markdown-text.ts';
import type { TemplateChanges } from './resource-changes.ts';
import type { Names } from './template.ts';

const longestCondition = 400;

type Statement = TemplateDiff['iamChanges']['statements']['additions'][number];

/** One action that one principal may or must not take on one resource. */
interface Grant {
  readonly effect: string;
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** As JSON; empty for none. */
  readonly condition: string;
}

/**
 * Gives the changes of what policies allow and deny, whichever resource carries them: roles, policies, bucket policies,
 * permissions of functions. Statements are compared grant by grant, so one that is only written otherwise is no change.
 */
export function iamFindings({ diff, names }: TemplateChanges): Finding[] {
  const { statements, managedPolicies } = diff.iamChanges;
  const before = new Map(statements.removals.flatMap((statement) => grantsOf(statement, names)));
  const after = new Map(statements.additions.flatMap((statement) => grantsOf(statement, names)));
  const added = [...after].filter(([key]) => !before.has(key)).map(([, grant]) => grant);
  const removed = [...before].filter(([key]) => !after.has(key)).map(([, grant]) => grant);
  const attachments = [
    ...managedPolicies.additions.map((attachment) => ({ attachment, verb: 'gets' as const })),
    ...managedPolicies.removals.map((attachment) => ({ attachment, verb: 'loses' as const })),
  ].map(({ attachment: { identityArn, managedPolicyArn }, verb }) => ({
    alarming: verb === 'gets',
    text: `${code(names.within(identityArn))} ${verb} the managed policy ${code(names.within(managedPolicyArn))}`,
  }));
  return [...lines(added, removed, 'added'), ...lines(removed, added, 'removed'), ...attachments].map(
    ({ alarming, text }) => ({ section: 'security', alarming, text }),
  );
}

function grantsOf(statement: Statement, names: Names): Array<readonly [string, Grant]> {
  const values = ({ values: list, not }: Statement['actions']): string[] =>
    // An identity's policy names no principal, some resources' policies no resource.
    (list.length === 0 ? [''] : list).map((value) => `${not ? 'all but ' : ''}${names.within(value)}`);
  const condition =
    statement.condition === undefined ? '' : names.within(JSON.stringify(statement.condition));
  const { effect } = statement;
  return values(statement.principals).flatMap((principal) =>
    values(statement.resources).flatMap((resource) =>
      values(statement.actions).map((action) => {
        const grant = { effect, principal, action, resource, condition };
        return [JSON.stringify(grant), grant] as const;
      }),
    ),
  );
}

/** Gives a line for each principal, set of actions and condition, with all the resources. */
function lines(
  grants: readonly Grant[],
  counterparts: readonly Grant[],
  verb: 'added' | 'removed',
): Array<{ readonly alarming: boolean; readonly text: string }> {
  const byResource = Map.groupBy(grants, ({ effect, principal, resource, condition }) =>
    JSON.stringify([effect, principal, resource, condition]),
  );
  const entries = [...byResource.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const actions = group.map(({ action }) => action).toSorted();
    // A denial that goes is as good as a permission that comes.
    const alarming = (first.effect === 'Allow') === (verb === 'added');
    const notes = alarming ? notesOn(first, actions, counterparts) : [];
    return [{ ...first, actions, alarming, notes }];
  });
  const byActions = Map.groupBy(entries, ({ effect, principal, actions, condition, notes }) =>
    JSON.stringify([effect, principal, actions, condition, notes]),
  );
  return [...byActions.values()]
    .flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const { effect, principal, actions, condition, alarming, notes } = first;
      const resources = group.map(({ resource }) => code(resource || '(itself)')).toSorted();
      const when = condition === '' ? '' : ` when ${code(condition, longestCondition)}`;
      const note = notes.length === 0 ? '' : ` — **${notes.join(', ')}**`;
      const what = `${actions.map((action) => code(action)).join(', ')} on ${resources.join(', ')}`;
      const text = `${verb}: ${effect} ${what} to ${code(principal || '(its principals)')}${when}${note}`;
      return [{ alarming, text }];
    })
    .toSorted((a, b) => Number(a.text > b.text) - Number(a.text < b.text));
}

/** What makes a grant wider than it may look. */
function notesOn(grant: Grant, actions: readonly string[], counterparts: readonly Grant[]): string[] {
  const { principal, resource, condition, effect } = grant;
  const dropped = counterparts.find(
    (other) =>
      other.effect === effect &&
      other.principal === principal &&
      other.resource === resource &&
      actions.includes(other.action) &&
      other.condition !== condition,
  );
  return [
    ...(['*', 'AWS:*'].includes(principal) && effect === 'Allow' ? ['anybody'] : []),
    ...(actions.some((action) => action.includes('*')) ? ['wildcard action'] : []),
    ...(resource === '*' ? ['any resource'] : []),
    ...(effect === 'Allow' && dropped !== undefined && condition === ''
      ? [`no longer only when ${code(dropped.condition, longestCondition)}`]
      : []),
  ];
}
