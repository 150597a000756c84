import { functionName, roleNameOf } from '../../local/functions/functions.ts';
import { readRoleStatements } from '../../local/iam/role-statements.ts';
import { readAssembly } from '../../local/template/assembly.ts';
import { StackTemplate, tableArn } from '../../local/template/stack-template.ts';

/** One action that the template allows one function on one resource. */
export interface Grant {
  readonly functionName: string;
  readonly action: string;
  /** An ARN; a `*` at its end stands for any text. */
  readonly resource: string;
}

/** Begins the physical names in grants and in recorded use, whatever the prefix of the stack that was used. */
export const reportPrefix = 'taskwire';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

/**
 * Gives what the template of a cloud assembly allows its functions.
 * @param assembly directory of the synthesized stage `local`.
 * @throws {CommandError} for a template that cannot be read, or a policy whose text is not in it.
 */
export function readGrants(assembly: string): Grant[] {
  const template = new StackTemplate(readAssembly(assembly), reportPrefix, {});
  for (const { logicalId } of template.resourcesOfType('AWS::DynamoDB::GlobalTable')) {
    // Only a running table knows the label of its stream.
    template.setAttribute(logicalId, 'StreamArn', `${tableArn(template.physicalName(logicalId))}/stream/*`);
  }
  const statements = readRoleStatements(template) as ReadonlyMap<string, readonly Statement[]>;
  return template.resourcesOfType('AWS::Lambda::Function').flatMap((resource) =>
    (statements.get(roleNameOf(resource)) ?? []).flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) =>
        [Resource].flat().map((on) => ({
          functionName: functionName(resource),
          action,
          resource: on,
        })),
      ),
    ),
  );
}
