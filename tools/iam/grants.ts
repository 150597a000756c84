import { ecsName, serviceName, taskRoleNames } from '../../local/containers/read-containers.ts';
import { functionName, functionResources, roleNameOf } from '../../local/functions/functions.ts';
import { readRoleStatements } from '../../local/iam/role-statements.ts';
import { readAssembly } from '../../local/template/assembly.ts';
import { StackTemplate, tableArn } from '../../local/template/stack-template.ts';
import { revisionRoleName, webFunctionName } from '../../local/web-functions/read-web-function.ts';

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

/** Custom resources whose functions have a policy that AWS manages: its text is not in the template. */
const unreadable = ['Custom::S3ObjectCopy', 'Custom::S3AutoDeleteObjects'];

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
  const roles = [
    ...functionResources(template, unreadable).map((resource) => ({
      name: functionName(resource),
      role: roleNameOf(resource),
    })),
    ...template
      .resourcesOfType('AWS::Lambda::WebFunctionRevision')
      .map((resource) => ({ name: webFunctionName, role: revisionRoleName(resource) })),
    ...template.resourcesOfType('AWS::ECS::TaskDefinition').flatMap((resource) => {
      const [program, ecs] = taskRoleNames(resource);
      return [
        { name: serviceName, role: program },
        { name: ecsName, role: ecs },
      ];
    }),
  ];
  const statements = readRoleStatements(template, new Set(roles.map(({ role }) => role))) as ReadonlyMap<
    string,
    readonly Statement[]
  >;
  return roles.flatMap(({ name, role }) =>
    (statements.get(role) ?? []).flatMap(({ Action, Resource }) =>
      [Action]
        .flat()
        .flatMap((action) => [Resource].flat().map((on) => ({ functionName: name, action, resource: on }))),
    ),
  );
}
