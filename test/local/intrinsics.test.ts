import { holds, resolveIntrinsics } from '../../local/template/intrinsics.ts';
import type { Scope } from '../../local/template/intrinsics.ts';

const references: Record<string, unknown> = {
  Table: 'local-Table',
  'AWS::Region': 'us-east-1',
  LocalPort: 8788,
};
const conditions: Record<string, unknown> = {
  IsLocal: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
  IsNot: { 'Fn::Not': [{ Condition: 'IsLocal' }] },
};
const scope: Scope = {
  reference: (name) => references[name],
  attribute: (logicalId, attribute) =>
    logicalId === 'Table' && attribute === 'Arn' ? 'arn:local-Table' : undefined,
  condition: (name) => conditions[name],
};

function resolve(value: unknown): unknown {
  return resolveIntrinsics(value, scope, 'Thing');
}

describe('intrinsic functions', () => {
  it.each([
    ['Ref', { Ref: 'Table' }, 'local-Table'],
    ['Ref of a number', { Ref: 'LocalPort' }, 8788],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:local-Table'],
    ['GetAtt as text', { 'Fn::GetAtt': 'Table.Arn' }, 'arn:local-Table'],
    ['Join', { 'Fn::Join': ['', ['http://localhost:', { Ref: 'LocalPort' }]] }, 'http://localhost:8788'],
    ['Select and Split', { 'Fn::Select': [1, { 'Fn::Split': ['-', { Ref: 'Table' }] }] }, 'Table'],
    ['Sub', { 'Fn::Sub': '${Table.Arn}/${AWS::Region}/${!literal}' }, 'arn:local-Table/us-east-1/${literal}'],
    [
      'Sub with variables',
      { 'Fn::Sub': ['${name}:${Table}', { name: { Ref: 'LocalPort' } }] },
      '8788:local-Table',
    ],
    ['If', { 'Fn::If': ['IsLocal', 'yes', 'no'] }, 'yes'],
    ['If not', { 'Fn::If': ['IsNot', 'yes', 'no'] }, 'no'],
    [
      'nested values',
      { a: [{ b: { Ref: 'Table' } }], c: null, d: false },
      { a: [{ b: 'local-Table' }], c: null, d: false },
    ],
    [
      'NoValue',
      { keep: 1, drop: { Ref: 'AWS::NoValue' }, list: [1, { Ref: 'AWS::NoValue' }] },
      { keep: 1, list: [1] },
    ],
  ])('resolve %s', (_name, value, expected) => {
    expect(resolve(value)).toEqual(expected);
  });

  it.each([
    ['an unknown function', { 'Fn::ImportValue': 'x' }, 'Fn::ImportValue'],
    ['an unknown reference', { Ref: 'Missing' }, 'Ref Missing'],
    ['an unknown attribute', { 'Fn::GetAtt': ['Table', 'Color'] }, 'Table.Color'],
    ['an unknown name in Sub', { 'Fn::Sub': '${Missing}' }, '${Missing}'],
    ['a selection outside the list', { 'Fn::Select': [3, ['a']] }, 'Fn::Select'],
  ])('refuse %s and name it', (_name, value, named) => {
    expect(() => resolve({ deep: [value] })).toThrow(named);
    expect(() => resolve({ deep: [value] })).toThrow('Thing');
  });

  it('combine conditions', () => {
    const both = { 'Fn::And': [{ Condition: 'IsLocal' }, { Condition: 'IsNot' }] };
    const either = { 'Fn::Or': [{ Condition: 'IsLocal' }, { Condition: 'IsNot' }] };
    expect(holds(both, scope, 'x')).toBe(false);
    expect(holds(either, scope, 'x')).toBe(true);
    expect(() => holds({ 'Fn::Contains': [] }, scope, 'x')).toThrow('Fn::Contains');
  });
});
