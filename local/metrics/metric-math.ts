import jsep from 'jsep';
import { CommandError } from '../../commands/command-error.ts';

/** A value of one period; undefined where there is none. */
export type Value = number | undefined;

/**
 * An expression of CloudWatch's metric math, for one period.
 * @param metrics the ids of the metrics that the expression may name → their values in the period.
 */
export type MetricExpression = (metrics: ReadonlyMap<string, Value>) => Value;

// Metric math has words for what JavaScript has signs for.
jsep.addBinaryOp('AND', jsep.binary_ops['&&']!);
jsep.addBinaryOp('OR', jsep.binary_ops['||']!);

const both: Readonly<Record<string, (left: number, right: number) => number | boolean>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  AND: (left, right) => left !== 0 && right !== 0,
  '&&': (left, right) => left !== 0 && right !== 0,
  OR: (left, right) => left !== 0 || right !== 0,
  '||': (left, right) => left !== 0 || right !== 0,
};

/**
 * Reads an expression of metric math: the operators, `IF`, `FILL` with a number, and `SUM(METRICS())`. A comparison is 1 or 0.
 * What is computed of a missing value is missing, and so is what is no number; a sum of metrics leaves missing ones out.
 * Source: "Using math expressions with CloudWatch metrics", CloudWatch user guide.
 * @param ids the ids of the metrics that it may name.
 * @throws {CommandError} for what it cannot read, and for any other construct.
 */
export function compileExpression(text: string, ids: ReadonlySet<string>): MetricExpression {
  let parsed: jsep.Expression;
  try {
    parsed = jsep(text);
  } catch (error) {
    throw new CommandError(`the metric math ${text} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const refuse = (what: string): never => {
    throw new CommandError(`the metric math ${text} has ${what}, which the local stack does not understand`);
  };
  return compile(parsed, ids, refuse);
}

type Refuse = (what: string) => never;

function compile(node: jsep.Expression, ids: ReadonlySet<string>, refuse: Refuse): MetricExpression {
  const inner = (part: jsep.Expression): MetricExpression => compile(part, ids, refuse);
  if (isOf('Literal', node)) {
    const { value, raw } = node;
    return typeof value === 'number' ? () => value : refuse(raw);
  }
  if (isOf('Identifier', node))
    return ids.has(node.name) ? (metrics) => metrics.get(node.name) : refuse(node.name);
  if (isOf('UnaryExpression', node)) {
    if (node.operator !== '-') return refuse(node.operator);
    const argument = inner(node.argument);
    return (metrics) => mapped(argument(metrics), (value) => -value);
  }
  if (isOf('BinaryExpression', node)) {
    const operate = both[node.operator] ?? refuse(node.operator);
    const [left, right] = [inner(node.left), inner(node.right)];
    return (metrics) => {
      const [one, other] = [left(metrics), right(metrics)];
      return one === undefined || other === undefined ? undefined : finite(operate(one, other));
    };
  }
  return isOf('CallExpression', node) ? compileCall(node, inner, refuse) : refuse(node.type);
}

function compileCall(
  { callee, arguments: given }: jsep.CallExpression,
  inner: (part: jsep.Expression) => MetricExpression,
  refuse: Refuse,
): MetricExpression {
  const name = nameOf(callee);
  const [first, second, third] = given;
  switch (`${name} ${given.length}`) {
    case 'IF 3': {
      const [condition, whenTrue, whenFalse] = [inner(first!), inner(second!), inner(third!)];
      return (metrics) => {
        const holds = condition(metrics);
        return holds === undefined ? undefined : (holds === 0 ? whenFalse : whenTrue)(metrics);
      };
    }
    case 'FILL 2': {
      // FILL(metric, REPEAT) is no number.
      if (second!.type !== 'Literal') return refuse(`FILL with ${nameOf(second!)}`);
      const [filled, filling] = [inner(first!), inner(second!)];
      return (metrics) => filled(metrics) ?? filling(metrics);
    }
    case 'SUM 1':
      if (!isOf('CallExpression', first!) || nameOf(first.callee) !== 'METRICS' || first.arguments.length > 0)
        return refuse('SUM of something else than METRICS()');
      return sumOfAll;
    default:
      return refuse(`${name} of ${given.length}`);
  }
}

const sumOfAll: MetricExpression = (metrics) => {
  const there = [...metrics.values()].filter((value) => value !== undefined);
  return there.length === 0 ? undefined : there.reduce((sum, value) => sum + value, 0);
};

function nameOf(node: jsep.Expression): string {
  return isOf('Identifier', node) ? node.name : node.type;
}

function isOf<Type extends jsep.ExpressionType>(
  type: Type,
  node: jsep.Expression,
): node is Extract<jsep.CoreExpression, { type: Type }> {
  return node.type === type;
}

function mapped(value: Value, change: (value: number) => number): Value {
  return value === undefined ? undefined : change(value);
}

function finite(value: number | boolean): Value {
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
