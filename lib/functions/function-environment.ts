import type { EnvironmentSchema, EnvironmentValues } from '../../lambdas/shared/runtime/environment.ts';
import type { StageConfig } from '../config/stage-schema.ts';

/** The setting that a variable holds, by their names: `HEARTBEAT_SECONDS` holds `heartbeatSeconds`. */
type SettingOf<Variable> = Variable extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<SettingOf<Tail>>}`
  : Lowercase<Variable & string>;

/** Whether a variable can hold the setting of its name: every stage has one, of the kind that the handler reads. */
type HoldsSetting<Name, Value> =
  SettingOf<Name> extends keyof StageConfig
    ? StageConfig[SettingOf<Name>] extends Value
      ? true
      : false
    : false;

/** The variables that hold no setting of the stage. */
export type OtherVariables<Schema extends EnvironmentSchema> = {
  [
    Name in keyof Schema as HoldsSetting<Name, EnvironmentValues<Schema>[Name]> extends true ? never : Name
  ]: Schema[Name];
};

function settingOf(variable: string): string {
  return variable.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * The environment of a function, by what its handler reads of it: the settings of the stage by their names, and all else
 * as it is given. A variable that is undefined is left out.
 */
export function functionEnvironment<Schema extends EnvironmentSchema>(
  schema: Schema,
  config: StageConfig,
  values: EnvironmentValues<OtherVariables<Schema>>,
): Record<string, string> {
  const held = new Map<string, unknown>([...Object.entries(config), ...Object.entries(values)]);
  const written = Object.keys(schema)
    .map((variable) => [variable, held.get(variable) ?? held.get(settingOf(variable))] as const)
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(written.map(([variable, value]) => [variable, String(value)]));
}
