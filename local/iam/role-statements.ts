import { CommandError } from '../../commands/command-error.ts';
import type { StackTemplate } from '../template/stack-template.ts';

interface PolicyProperties {
  readonly PolicyDocument?: { readonly Statement?: unknown };
  readonly Roles?: readonly string[];
}

interface RoleProperties {
  readonly Policies?: readonly PolicyProperties[];
  readonly ManagedPolicyArns?: readonly string[];
}

/**
 * Collects the statements that each role of the template holds: inline, and through AWS::IAM::Policy and
 * AWS::IAM::ManagedPolicy.
 * @param roles physical names of the roles that are asked for: a deploy has some of its own.
 * @returns physical role name → its statements.
 * @throws {CommandError} for a policy that AWS manages: its text is not in the template.
 */
export function readRoleStatements(
  template: StackTemplate,
  roles: ReadonlySet<string>,
): Map<string, unknown[]> {
  const statementsByRole = new Map<string, unknown[]>();
  for (const role of template.resourcesOfType('AWS::IAM::Role')) {
    if (!roles.has(template.physicalName(role.logicalId))) continue;
    const properties = role.properties as RoleProperties;
    const [managed] = properties.ManagedPolicyArns ?? [];
    if (managed !== undefined) {
      throw new CommandError(
        `role ${role.logicalId} uses the managed policy ${managed}: grant its actions in the template instead`,
      );
    }
    statementsByRole.set(
      template.physicalName(role.logicalId),
      (properties.Policies ?? []).flatMap(statementsOf),
    );
  }
  for (const policy of template.resourcesOfType('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy')) {
    const properties = policy.properties as PolicyProperties;
    for (const role of properties.Roles ?? []) {
      statementsByRole.get(role)?.push(...statementsOf(properties));
    }
  }
  return statementsByRole;
}

function statementsOf(policy: PolicyProperties): unknown[] {
  const statements = policy.PolicyDocument?.Statement ?? [];
  return Array.isArray(statements) ? (statements as unknown[]) : [statements];
}
