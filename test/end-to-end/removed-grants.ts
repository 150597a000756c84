import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A grant to take away: of a function's role, one action on the resources of one table, stream, bucket or log. */
export interface RemovedGrant {
  /** Begin of the policy's logical id, such as `FanOutFanout`. */
  readonly role: string;
  readonly action: string;
  /** Begin of the logical id of the resource, such as `EventsTable`. */
  readonly resource: string;
}

interface Statement {
  Action: string | string[];
  readonly Resource: unknown;
}

interface Template {
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly Properties: { readonly PolicyDocument: { readonly Statement: Statement[] } };
      }
    >
  >;
}

/**
 * Copies the cloud assembly that the run's global setup has synthesized, without some of its grants.
 * @param directory gets the copy; everything else in it is the same.
 * @returns the directory.
 * @throws {Error} for a grant that the template does not hold exactly once.
 */
export function assemblyWithout(directory: string, removed: readonly RemovedGrant[]): string {
  cpSync(process.env['TASKWIRE_TEMPLATE_DIRECTORY']!, directory, { recursive: true });
  const file = join(
    directory,
    readdirSync(directory).find((name) => name.endsWith('.template.json'))!,
  );
  const template = JSON.parse(readFileSync(file, 'utf8')) as Template;
  for (const grant of removed) remove(template, grant);
  writeFileSync(file, JSON.stringify(template));
  return directory;
}

function remove({ Resources }: Template, { role, action, resource }: RemovedGrant): void {
  const statements = Object.entries(Resources)
    .filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith(role))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => [Action].flat().includes(action))
    .filter(({ Resource }) => JSON.stringify(Resource).includes(`"${resource}`));
  const [statement] = statements;
  if (statement === undefined || statements.length > 1) {
    throw new Error(`${statements.length} statements allow ${role} ${action} on ${resource}`);
  }
  const rest = [statement.Action].flat().filter((name) => name !== action);
  // A statement without actions is not valid; one that allows a thing that no function does is.
  statement.Action = rest.length > 0 ? rest : ['dynamodb:ListTables'];
}
