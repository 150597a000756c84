import { randomUUID } from 'node:crypto';
import { CommandError } from '../../commands/command-error.ts';
import { localAccount, localRegion } from '../template/stack-template.ts';
import type { StackTemplate } from '../template/stack-template.ts';
import type { AccessControl } from './access-control.ts';
import { readRoleStatements } from './role-statements.ts';

/** What runs with a role of the template. */
export interface RoleUser {
  /** Short name, for reports. */
  readonly name: string;
  readonly roleName: string;
  /** Where its output goes; left out where somebody else writes it there. */
  readonly logGroup?: string;
}

/** The log stream of everything that the local stack runs. */
export const logStream = 'local';

/**
 * Gives what runs with a role an access key of its own, by which it is known and has the rights of the role.
 * @returns the key's id.
 * @throws {CommandError} for a policy that is not understood, and for a role that may not write the log.
 */
export function createAccessKey(
  { name, roleName, logGroup }: RoleUser,
  { template, access }: { readonly template: StackTemplate; readonly access: AccessControl },
): string {
  const accessKeyId = `LOCAL${randomUUID().replaceAll('-', '').slice(0, 15).toUpperCase()}`;
  access.register(accessKeyId, {
    functionName: name,
    roleName,
    accountId: localAccount,
    statements: readRoleStatements(template, new Set([roleName])).get(roleName) ?? [],
  });
  if (logGroup === undefined) return accessKeyId;
  // Lambda writes the log with the role, at the first line; both actions are asked for on the log stream.
  // Source: "Sending Lambda function logs to CloudWatch Logs", Lambda developer guide.
  const resource = `arn:aws:logs:${localRegion}:${localAccount}:log-group:${logGroup}:log-stream:${logStream}`;
  const needed = ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({ action, resource }));
  const denial = access.deny(accessKeyId, needed);
  if (denial !== undefined) throw new CommandError(`${name} cannot write its log: ${denial}`);
  return accessKeyId;
}
