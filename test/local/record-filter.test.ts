import { compileFilters } from '../../local/data/pump/filter.ts';

function passes(pattern: unknown, record: unknown): boolean {
  return compileFilters([JSON.stringify(pattern)])(record);
}

describe('the filter of an event source mapping', () => {
  it('lets everything pass without patterns, and any pattern suffices', () => {
    expect(compileFilters([])({ a: 1 })).toBe(true);
    const either = compileFilters(['{"a":[1]}', '{"b":[2]}']);
    expect(either({ b: 2 })).toBe(true);
    expect(either({ b: 3 })).toBe(false);
  });

  it('tells task items from counters', () => {
    const tasksOnly = { dynamodb: { Keys: { id: { N: [{ 'anything-but': ['0'] }] } } } };
    expect(passes(tasksOnly, { dynamodb: { Keys: { id: { N: '7' } } } })).toBe(true);
    expect(passes(tasksOnly, { dynamodb: { Keys: { id: { N: '0' } } } })).toBe(false);
    expect(passes(tasksOnly, { dynamodb: { Keys: { id: { S: 'x' } } } })).toBe(false);
  });

  it.each([
    ['an exact text', ['a', 'b'], 'b', true],
    ['another text', ['a', 'b'], 'c', false],
    ['null', [null], null, true],
    ['a number is no text', [1], '1', false],
    ['a prefix', [{ prefix: 'ta' }], 'task', true],
    ['a suffix', [{ suffix: 'sk' }], 'task', true],
    ['anything but a text', [{ 'anything-but': 'a' }], 'b', true],
    ['anything but a prefix', [{ 'anything-but': { prefix: 'a' } }], 'ab', false],
    ['a number in a range', [{ numeric: ['>', 1, '<=', 3] }], 3, true],
    ['a number out of it', [{ numeric: ['>', 1, '<=', 3] }], 1, false],
    ['a numeric rule on text', [{ numeric: ['=', 1] }], '1', false],
    ['a list by one of its values', ['a'], ['x', 'a'], true],
  ])('matches %s', (_name, rules, value, expected) => {
    expect(passes({ field: rules }, { field: value })).toBe(expected);
  });

  it('knows whether a field exists', () => {
    expect(passes({ a: { b: [{ exists: true }] } }, { a: { b: 1 } })).toBe(true);
    expect(passes({ a: { b: [{ exists: true }] } }, { a: {} })).toBe(false);
    expect(passes({ a: { b: [{ exists: false }] } }, { a: {} })).toBe(true);
    expect(passes({ a: { b: [{ exists: false }] } }, {})).toBe(true);
    expect(passes({ toString: [{ exists: true }] }, {})).toBe(false);
  });

  it.each([
    ['{"a":[{"wildcard":"x*"}]}', 'wildcard'],
    ['{"$or":[{"a":[1]}]}', '$or'],
    ['{"a":"x"}', 'list'],
    ['{"a":[{"numeric":["~",1]}]}', 'numeric'],
    ['{"a":[{"prefix":"x","suffix":"y"}]}', 'several'],
    ['no json', 'JSON'],
  ])('refuses %s', (pattern, named) => {
    expect(() => compileFilters([pattern])).toThrow(named);
  });
});
