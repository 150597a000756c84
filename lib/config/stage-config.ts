import type * as z from 'zod';
import { checkTogether } from './combinations.ts';
import { checkEdge } from './edge-combinations.ts';
import { checkHost } from './host-combinations.ts';
import { identitySchemas } from './identity-schema.ts';
import { checkPageClient } from './page-client-validation.ts';
import type { StageConfig } from './stage-schema.ts';
import { stageSchema } from './stage-schema.ts';
import { stageNames } from './stage-names.ts';
import { stages } from './stages.ts';

/** A setting that cannot work. The message is one line that names the key and says what to put there. */
export class StageConfigError extends Error {
  override readonly name = 'StageConfigError';
}

/** CloudFront takes a domain once and Cognito a prefix, so the second stage to be deployed with it would fail. */
function checkUnique(
  { name, domain, identity }: StageConfig,
  replacements: Record<string, unknown>,
): string | undefined {
  const own = {
    domain,
    'identity.loginPrefix': identity.kind === 'cognito' ? identity.loginPrefix : undefined,
  };
  for (const [key, value] of Object.entries(own)) {
    const other = stageNames.find(
      (stage) => stage !== name && value !== undefined && valueAt(replacements[stage], key) === value,
    );
    if (other !== undefined)
      return `${key} ${value} is that of the stage ${other} too; give each stage its own`;
  }
  return undefined;
}

/** Gives what stands at a path such as `identity.kind`. */
function valueAt(settings: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), settings);
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is wrong with some settings, each by itself; undefined when nothing is. Those that are left out have defaults. */
function checkValues(values: Record<string, unknown>, schema: z.ZodObject, path: string): string | undefined {
  const unknown = Object.keys(values).find((key) => !Object.hasOwn(schema.shape, key));
  if (unknown !== undefined) {
    const known = Object.keys(schema.shape).filter((key) => key !== 'kind');
    return `${path}${unknown} is unknown; remove it or use one of ${known.join(', ')}`;
  }
  const [issue] = schema.safeParse(values, { reportInput: true }).error?.issues ?? [];
  if (issue === undefined) return undefined;
  const key = String(issue.path[0]);
  // What is not given is the usual value, which the schema may have wrong.
  const value = Object.hasOwn(values, key) ? values[key] : issue.input;
  return `${path}${key} is ${shown(value)}; give ${issue.message}`;
}

function checkIdentity(identity: unknown): string | undefined {
  const fields: Record<string, unknown> = isObject(identity) ? identity : {};
  const kinds = Object.keys(identitySchemas) as (keyof typeof identitySchemas)[];
  const kind = kinds.find((name) => name === fields['kind']);
  if (kind === undefined) return `identity.kind is missing or unknown; give one of ${kinds.join(', ')}`;
  return checkValues(fields, identitySchemas[kind], 'identity.');
}

/**
 * Takes the value of the context key `stage` and that of `stages`, an object of replaced settings by the name of
 * the stage, and gives the checked settings of the stage.
 * @throws {StageConfigError} for a stage, a key or a value that cannot work.
 */
export function stageConfig(stage: unknown, replacements: unknown = {}): StageConfig {
  const name = stageNames.find((known) => known === stage);
  if (name === undefined)
    throw new StageConfigError(`stage is ${shown(stage)}; give one of ${stageNames.join(', ')}`);
  if (!isObject(replacements))
    throw new StageConfigError('stages is not an object; give {"dev": {"key": value}}');
  const stray = Object.keys(replacements).find((key) => !stageNames.some((known) => known === key));
  if (stray !== undefined)
    throw new StageConfigError(`stages.${stray} is no stage; use one of ${stageNames.join(', ')}`);
  const replaced = replacements[name] ?? {};
  if (!isObject(replaced)) throw new StageConfigError(`stages.${name} is not an object; give {"key": value}`);

  const { name: ownName, ...settings } = stages[name];
  const { identity, ...rest } = { ...settings, ...replaced };
  const misfit = checkIdentity(identity) ?? checkValues(rest, stageSchema, '');
  if (misfit !== undefined) throw new StageConfigError(`stages.${name}: ${misfit}`);
  const config: StageConfig = { ...stageSchema.parse(rest), name: ownName, identity };
  const problem =
    checkTogether(config) ??
    checkPageClient(config.identity) ??
    checkEdge(config) ??
    checkHost(config) ??
    checkUnique(config, replacements);
  if (problem !== undefined) throw new StageConfigError(`stages.${name}: ${problem}`);
  return config;
}
