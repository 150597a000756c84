import { compileExpression } from '../../../local/metrics/metric-math.ts';

const none = undefined;

/** The value of an expression, of metrics by their ids. */
function valueOf(
  text: string,
  metrics: Readonly<Record<string, number | undefined>> = {},
): number | undefined {
  const values = new Map(Object.entries(metrics));
  return compileExpression(text, new Set(values.keys()))(values);
}

describe('metric math', () => {
  it.each([
    ['1 + 2 * 3', {}, 7],
    ['100 * (a + b) / 4', { a: 1, b: 2 }, 75],
    ['-a - 1', { a: 2 }, -3],
    ['a * 0.000000003333350', { a: 2e9 }, 6.6667],
    ['a > 1', { a: 1 }, 0],
    ['a >= 1', { a: 1 }, 1],
    ['a < 1', { a: 0.5 }, 1],
    ['a <= 1', { a: 1 }, 1],
    ['a == 0', { a: 0 }, 1],
    ['a != 0', { a: 0 }, 0],
    ['a > 0 AND b == 0', { a: 1, b: 0 }, 1],
    ['a > 0 AND b == 0', { a: 1, b: 1 }, 0],
    ['a > 0 && b == 0', { a: 1, b: 0 }, 1],
    ['a > 0 OR b > 0', { a: 0, b: 1 }, 1],
    ['a > 0 || b > 0', { a: 0, b: 0 }, 0],
    ['a + 1 > 1 AND b OR c', { a: 0, b: 1, c: 1 }, 1],
    ['IF(a > 1, b, c)', { a: 2, b: 5, c: 6 }, 5],
    ['IF(a > 1, b, c)', { a: 0, b: 5, c: 6 }, 6],
    ['FILL(a, 0)', { a: none }, 0],
    ['FILL(a, 3)', { a: 4 }, 4],
    ['FILL(a, 0) + 1', { a: none }, 1],
    ['SUM(METRICS())', { a: 1, b: none, c: 2 }, 3],
  ] as const)('%s of %j is %s', (text, metrics, expected) => {
    expect(valueOf(text, metrics)).toBeCloseTo(expected, 9);
  });

  it.each([
    ['a + 1', { a: none }],
    ['a > 1', { a: none }],
    ['a > 1 AND b', { a: 0, b: none }],
    ['IF(a, 1, 2)', { a: none }],
    ['SUM(METRICS())', { a: none, b: none }],
    ['a / b', { a: 1, b: 0 }],
    ['a / b', { a: 0, b: 0 }],
  ] as const)('%s of %j has no value', (text, metrics) => {
    expect(valueOf(text, metrics)).toBeUndefined();
  });

  it('computes only the branch that counts', () => {
    const share = 'IF(FILL(a, 0) > 20, 100 * b / a, 0)';
    expect(valueOf(share, { a: none, b: none })).toBe(0);
    expect(valueOf(share, { a: 40, b: 10 })).toBe(25);
  });

  it.each([
    ['a +', 'cannot be read'],
    ['b', 'has b'],
    ['a ^ 2', 'has ^'],
    ['a % 2', 'has %'],
    ['!a', 'has !'],
    ['"text"', 'has "text"'],
    ['true', 'has true'],
    ['a ? 1 : 2', 'has ConditionalExpression'],
    ['RATE(a)', 'has RATE of 1'],
    ['IF(a, 1)', 'has IF of 2'],
    ['FILL(a, REPEAT)', 'has FILL with REPEAT'],
    ['SUM(a)', 'has SUM of something else'],
    ['SUM(METRICS("a"))', 'has SUM of something else'],
    ['a.b', 'has MemberExpression'],
  ])('%s is refused', (text, why) => {
    expect(() => compileExpression(text, new Set(['a']))).toThrow(why);
  });
});
