import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

interface Resource {
  readonly Type: string;
  readonly Properties?: {
    readonly Environment?: { readonly Variables?: Record<string, unknown> };
    /** Of an alarm: what it is computed of, where that is more than one metric. */
    readonly Metrics?: unknown;
  };
}

interface Template {
  Resources: Readonly<Record<string, Resource>>;
}

/** Whether the engine's CloudFormation knows a resource: it has no saved queries, and no alarms that are computed. */
function isKnown({ Type, Properties }: Resource): boolean {
  return (
    Type !== 'AWS::Logs::QueryDefinition' &&
    (Type !== 'AWS::CloudWatch::Alarm' || Properties?.Metrics === undefined)
  );
}

/** Whom the functions are to trust. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly jwksUri: string;
}

/**
 * Makes the functions of a synthesized template trust another issuer than the stack's user pool, leaves out what the engine
 * does not know, and changes nothing else. The engine has no `ProviderURL` of a pool, which the functions' variables refer
 * to.
 * @param assembly directory of the cloud assembly; its template is replaced.
 * @throws {Error} for a template whose functions trust nobody.
 */
export function adapt(assembly: string, { issuer, jwksUri }: TrustedIssuer): void {
  const file = path.join(
    assembly,
    readdirSync(assembly).find((name) => name.endsWith('.template.json')) ?? '',
  );
  const template = JSON.parse(readFileSync(file, 'utf8')) as Template;
  const trusting = Object.values(template.Resources)
    .map(({ Properties }) => Properties?.Environment?.Variables)
    .filter((variables) => variables?.['JWT_ISSUER'] !== undefined);
  if (trusting.length === 0) throw new Error(`no function in ${file} has the variable JWT_ISSUER`);
  for (const variables of trusting) Object.assign(variables!, { JWT_ISSUER: issuer, JWT_JWKS_URI: jwksUri });
  template.Resources = Object.fromEntries(
    Object.entries(template.Resources).filter(([, resource]) => isKnown(resource)),
  );
  writeFileSync(file, JSON.stringify(template, undefined, 1));
}
