import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import type { StageName } from '../../lib/config/stage-names.ts';
import { synthesize } from '../../local/template/synthesize.ts';

function load(directory: string, stage: string): Template {
  return Template.fromString(readFileSync(join(directory, `Taskwire-${stage}.template.json`), 'utf8'));
}

/** Gives the directory of the local stage's cloud assembly that the global setup has made. */
export function localAssembly(): string {
  const directory = process.env['TASKWIRE_TEMPLATE_DIRECTORY'];
  if (directory === undefined) throw new Error('the global setup has not run');
  return directory;
}

/** Gives the template of the local stage that the global setup has made. */
export function localTemplate(): Template {
  return load(localAssembly(), 'local');
}

/**
 * Gives the template of a stage, with some of its settings replaced; its functions and its page are not bundled.
 * Rejects with what the app printed when it refuses.
 */
export async function stageTemplate(
  stage: StageName,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<Template> {
  const directory = mkdtempSync(join(tmpdir(), `taskwire-${stage}-`));
  try {
    const stages = { [stage]: settings };
    const context = { stage, stages, checks: false, 'aws:cdk:bundling-stacks': [] };
    const { exitCode, output } = await synthesize(directory, context);
    if (exitCode !== 0) throw new Error(output);
    return load(directory, stage);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Gives the template of the stage `dev`, as {@link stageTemplate} does. */
export function devTemplate(settings: Readonly<Record<string, unknown>> = {}): Promise<Template> {
  return stageTemplate('dev', settings);
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** Gives all resources of the type, by logical id; of every type when none is given. */
export function resources(template: Template, type?: string): Readonly<Record<string, Resource>> {
  const { Resources } = template.toJSON() as { Resources: Record<string, Resource> };
  return Object.fromEntries(
    Object.entries(Resources).filter(([, { Type }]) => type === undefined || Type === type),
  );
}

/** Gives the only resource whose logical id is the given name and the hash that CDK adds to it. */
export function resource(template: Template, name: string): Resource {
  const found = Object.entries(resources(template)).filter(([id]) => withoutHash(id) === name);
  const [first, second] = found;
  if (first === undefined || second !== undefined) throw new Error(`${found.length} resources are ${name}`);
  return first[1];
}

function withoutHash(id: string): string {
  return id.replace(/[0-9A-F]{8}$/, '');
}

/** Writes a value of the template as one line: `TasksTable.Arn` for an attribute, `Table` for a reference. */
export function plain(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[form, operand] = []] = Object.entries(value);
  if (form === 'Ref') return withoutHash(String(operand));
  if (form === 'Fn::GetAtt' && Array.isArray(operand))
    return `${withoutHash(String(operand[0]))}.${operand[1]}`;
  if (form === 'Fn::Sub' && typeof operand === 'string') return operand.replaceAll(/\$\{([^}]+)\}/g, '$1');
  if (form === 'Fn::Join' && Array.isArray(operand) && Array.isArray(operand[1])) {
    return operand[1].map((part) => plain(part)).join(String(operand[0]));
  }
  throw new Error(`no plain form for ${JSON.stringify(value)}`);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** Gives what a policy allows, as lines such as `dynamodb:Query on TasksTable.Arn`. */
export function grants(policy: Resource): string[] {
  const { PolicyDocument } = policy.Properties as {
    PolicyDocument: { Statement: { Effect: string; Action: unknown; Resource: unknown }[] };
  };
  return PolicyDocument.Statement.flatMap(({ Effect, Action, Resource: on, ...rest }) => {
    if (Effect !== 'Allow' || Object.keys(rest).length > 0) throw new Error('not a plain grant');
    return list(on).flatMap((target) =>
      list(Action).map((action) => `${String(action)} on ${plain(target)}`),
    );
  });
}
