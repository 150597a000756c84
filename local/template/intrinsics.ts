import { CommandError } from '../../commands/command-error.ts';

/** What an intrinsic may refer to. Each function gives undefined for a name that it does not know. */
export interface Scope {
  /** `Ref` of a parameter, a pseudo parameter or a resource. */
  readonly reference: (name: string) => unknown;
  /** `Fn::GetAtt`. */
  readonly attribute: (logicalId: string, attribute: string) => unknown;
  /** The body of an entry of the template's Conditions. */
  readonly condition: (name: string) => unknown;
}

/** Stands for a property that `AWS::NoValue` removes. */
const noValue = Symbol('AWS::NoValue');

/**
 * Replaces every intrinsic function in a template value.
 * @param value a property as the template holds it.
 * @param scope what names stand for.
 * @param where names the value in errors, such as `TasksFunction.Environment`.
 * @returns the plain value.
 * @throws {CommandError} naming any intrinsic, reference or attribute that is not understood.
 */
export function resolveIntrinsics(value: unknown, scope: Scope, where: string): unknown {
  const resolved = resolve(value, scope, where);
  return resolved === noValue ? undefined : resolved;
}

function resolve(value: unknown, scope: Scope, where: string): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => resolve(item, scope, where)).filter((item) => item !== noValue);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined && isIntrinsic(first[0])) {
    return apply(first[0], first[1], scope, where);
  }
  const result: Record<string, unknown> = {};
  for (const [key, item] of entries) {
    const resolved = resolve(item, scope, where);
    if (resolved !== noValue) result[key] = resolved;
  }
  return result;
}

function isIntrinsic(key: string): boolean {
  return key === 'Ref' || key.startsWith('Fn::') || key === 'Condition';
}

function apply(name: string, operand: unknown, scope: Scope, where: string): unknown {
  const fail = (detail: string): never => {
    throw new CommandError(
      `the template's ${where} uses ${detail}, which the local stack does not understand`,
    );
  };
  switch (name) {
    case 'Ref':
      if (operand === 'AWS::NoValue') return noValue;
      return scope.reference(String(operand)) ?? fail(`Ref ${String(operand)}`);
    case 'Fn::GetAtt': {
      const [logicalId, ...rest] = Array.isArray(operand) ? operand.map(String) : String(operand).split('.');
      const attribute = rest.join('.');
      return scope.attribute(logicalId ?? '', attribute) ?? fail(`Fn::GetAtt ${logicalId}.${attribute}`);
    }
    case 'Fn::Join': {
      const [separator, parts] = list(resolve(operand, scope, where));
      return list(parts).map(String).join(String(separator));
    }
    case 'Fn::Select': {
      const [index, items] = list(resolve(operand, scope, where));
      return list(items)[Number(index)] ?? fail(`Fn::Select of item ${String(index)}, which is not there`);
    }
    case 'Fn::Split': {
      const [separator, text] = list(resolve(operand, scope, where));
      return String(text).split(String(separator));
    }
    case 'Fn::Sub':
      return substitute(operand, scope, where, fail);
    case 'Fn::If': {
      const [condition, whenTrue, whenFalse] = list(operand);
      return resolve(holds({ Condition: condition }, scope, where) ? whenTrue : whenFalse, scope, where);
    }
    case 'Condition':
      // In a property (an IAM statement, say) this key is data, not the intrinsic.
      return typeof operand === 'string'
        ? holds({ Condition: operand }, scope, where)
        : { Condition: resolve(operand, scope, where) };
    default:
      return fail(name);
  }
}

function substitute(operand: unknown, scope: Scope, where: string, fail: (detail: string) => never): string {
  const [text, variables] = Array.isArray(operand) ? operand : [operand, {}];
  const local = resolve(variables, scope, where) as Record<string, unknown>;
  return String(text).replaceAll(/\$\{(!?)([^}]+)\}/g, (whole, escaped: string, name: string) => {
    if (escaped === '!') return `\${${name}}`;
    if (Object.hasOwn(local, name)) return String(local[name]);
    const [logicalId, ...rest] = name.split('.');
    const value = rest.length > 0 ? scope.attribute(logicalId ?? '', rest.join('.')) : scope.reference(name);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : fail(`Fn::Sub ${whole}`);
  });
}

/**
 * Tells whether a condition of the template holds.
 * @param expression a condition function, or `{Condition: name}`.
 * @throws {CommandError} naming any function that is not understood.
 */
export function holds(expression: unknown, scope: Scope, where: string): boolean {
  const [entry] = Object.entries((expression ?? {}) as Record<string, unknown>);
  const [name, operand] = entry ?? ['an empty condition', undefined];
  switch (name) {
    case 'Condition':
      return holds(scope.condition(String(operand)), scope, `condition ${String(operand)}`);
    case 'Fn::Equals': {
      const [left, right] = list(resolve(operand, scope, where));
      return String(left) === String(right);
    }
    case 'Fn::Not':
      return !holds(list(operand)[0], scope, where);
    case 'Fn::And':
      return list(operand).every((item) => holds(item, scope, where));
    case 'Fn::Or':
      return list(operand).some((item) => holds(item, scope, where));
    default:
      throw new CommandError(
        `the template's ${where} uses ${name}, which the local stack does not understand`,
      );
  }
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [value];
}
