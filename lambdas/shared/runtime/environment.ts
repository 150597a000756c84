/** A function's environment is incomplete or wrong; the message names the variable. */
class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/** What a variable may hold. */
export interface Variable<Value> {
  /**
   * @param text what the variable holds; undefined where it is absent or empty.
   * @throws {EnvironmentError} when that cannot be.
   */
  readonly read: (text: string | undefined, name: string) => Value;
}

/** The variables of a function by their names. The construct writes by it what the handler reads by it. */
export type EnvironmentSchema = Readonly<Record<string, Variable<string | number | undefined>>>;

/** What an environment holds. */
export type EnvironmentValues<Schema extends EnvironmentSchema> = {
  readonly [Name in keyof Schema]: Schema[Name] extends Variable<infer Value> ? Value : never;
};

/** A text that must be there. */
export const text: Variable<string> = { read: required };

/** A text that may be left out. */
export const optionalText: Variable<string | undefined> = { read: (given) => given };

/** A whole number, not below another. */
export function wholeNumber(least: number): Variable<number> {
  return {
    read: (given, name) => {
      const digits = required(given, name);
      const value = /^[0-9]+$/.test(digits) ? Number(digits) : Number.NaN;
      if (Number.isSafeInteger(value) && value >= least) return value;
      throw new EnvironmentError(
        `environment variable ${name} is "${digits}": it must be a whole number from ${least}`,
      );
    },
  };
}

function required(given: string | undefined, name: string): string {
  if (given !== undefined) return given;
  throw new EnvironmentError(`environment variable ${name} is missing: the stack sets it, see lib/`);
}

/**
 * Reads an environment.
 * @throws {EnvironmentError} for the first variable that is missing or wrong.
 */
export function readEnvironment<Schema extends EnvironmentSchema>(
  schema: Schema,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): EnvironmentValues<Schema> {
  const values = Object.entries(schema).map(([name, { read }]) => [
    name,
    read(variables[name] || undefined, name),
  ]);
  return Object.fromEntries(values) as EnvironmentValues<Schema>;
}
