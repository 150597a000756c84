import { CommandError } from '../../../commands/command-error.ts';

/** Tells whether a record passes. */
export type RecordFilter = (record: unknown) => boolean;

type Test = (value: unknown) => boolean;

/** Stands for a field that the record does not have. */
const absent = Symbol('absent');

/**
 * Compiles the filter criteria of an event source mapping: a record passes when any pattern matches it.
 * Source: "Control which events Lambda sends to your function", filter rule syntax.
 * @param patterns JSON texts; none lets everything pass.
 * @throws {CommandError} for an operator that is not understood: exact values, prefix, suffix, anything-but, exists and
 *   numeric are.
 */
export function compileFilters(patterns: readonly string[]): RecordFilter {
  if (patterns.length === 0) return () => true;
  const tests = patterns.map((pattern) => {
    let parsed: unknown;
    try {
      parsed = JSON.parse(pattern);
    } catch {
      throw refuse(`${pattern}, which is not JSON`);
    }
    return compileNode(parsed, pattern);
  });
  return (record) => tests.some((test) => test(record));
}

function compileNode(node: unknown, where: string): Test {
  if (Array.isArray(node)) {
    const alternatives = node.map((rule) => compileRule(rule, where));
    const matches: Test = (value) => alternatives.some((test) => test(value));
    // A list in the record matches by any of its values.
    return (value) => (Array.isArray(value) ? value.some(matches) : matches(value));
  }
  if (typeof node !== 'object' || node === null) throw refuse(`${where}: values belong in a list`);
  const fields = Object.entries(node).map(([name, child]) => {
    if (name.startsWith('$')) throw refuse(`the operator ${name}`);
    return { name, test: compileNode(child, `${where} at ${name}`) };
  });
  return (value) =>
    fields.every(({ name, test }) => {
      const has = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
      return test(has ? (value as Record<string, unknown>)[name] : absent);
    });
}

function compileRule(rule: unknown, where: string): Test {
  if (typeof rule !== 'object' || rule === null) return (value) => value === rule;
  const [entry, ...others] = Object.entries(rule);
  if (entry === undefined || others.length > 0) throw refuse(`a rule with several operators in ${where}`);
  const [operator, operand] = entry as [string, unknown];
  switch (operator) {
    case 'exists':
      return operand === true ? (value) => value !== absent : (value) => value === absent;
    case 'prefix':
      return affix(operand, where, (value, text) => value.startsWith(text));
    case 'suffix':
      return affix(operand, where, (value, text) => value.endsWith(text));
    case 'anything-but': {
      const excluded = (Array.isArray(operand) ? (operand as unknown[]) : [operand]).map((item) =>
        compileRule(item, where),
      );
      return (value) => value !== absent && !excluded.some((test) => test(value));
    }
    case 'numeric':
      return compileNumeric(operand, where);
    default:
      throw refuse(`the operator ${operator}`);
  }
}

function affix(operand: unknown, where: string, test: (value: string, text: string) => boolean): Test {
  if (typeof operand !== 'string') throw refuse(`a prefix or suffix that is no text in ${where}`);
  return (value) => typeof value === 'string' && test(value, operand);
}

const comparisons: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

/** Compares JSON numbers only: a DynamoDB number is a JSON string, which no numeric rule matches on AWS either. */
function compileNumeric(operand: unknown, where: string): Test {
  const list = Array.isArray(operand) ? (operand as unknown[]) : [];
  const tests: Array<(value: number) => boolean> = [];
  for (let index = 0; index < list.length; index += 2) {
    const compare = comparisons[String(list[index])];
    const limit = list[index + 1];
    if (compare === undefined || typeof limit !== 'number') throw refuse(`a numeric rule in ${where}`);
    tests.push((value) => compare(value, limit));
  }
  if (tests.length === 0) throw refuse(`an empty numeric rule in ${where}`);
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function refuse(what: string): CommandError {
  return new CommandError(
    `the event source mapping's filter has ${what}, which the local stack does not understand`,
  );
}
