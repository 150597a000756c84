import { cost } from './cost.ts';
import { dataLoss } from './data-loss.ts';
import type { Finding } from './finding.ts';
import { iamFindings } from './iam-grants.ts';
import { otherChanges } from './other-changes.ts';
import { compareTemplates } from './resource-changes.ts';
import { security } from './security.ts';
import type { StageTemplate } from './template.ts';

const nothing: StageTemplate = { template: { Resources: {} }, names: new Map() };

/**
 * Gives what a deploy does that changes a stage from one template to the other. A stage that is undefined on one side
 * is new, or gone from the code.
 */
export function compareStage(before: StageTemplate | undefined, after: StageTemplate | undefined): Finding[] {
  if (after === undefined) {
    const text =
      'the stage is gone from the code; its stack stays in the account, unmanaged, until it is deleted';
    return [{ section: 'resources', alarming: false, text }];
  }
  const changes = compareTemplates(before ?? nothing, after);
  const access = [...changes.resources.flatMap(security), ...iamFindings(changes)];
  // Nothing runs yet, so all that is to be judged is how open it will be.
  if (before === undefined) return [...access, newStage(after)];
  return [
    ...changes.resources.flatMap(dataLoss),
    ...access,
    ...otherChanges(changes),
    ...changes.resources.flatMap(cost),
  ];
}

function newStage({ template }: StageTemplate): Finding {
  const types = Map.groupBy(Object.values(template.Resources), ({ Type }) => Type);
  const counts = [...types]
    .map(([type, { length }]) => `${length} ${type}`)
    .toSorted()
    .join(', ');
  return { section: 'resources', alarming: false, text: `the stage is new: ${counts}` };
}
