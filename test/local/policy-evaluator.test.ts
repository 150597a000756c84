import { AccessControl } from '../../local/iam/access-control.ts';
import { compilePolicy } from '../../local/iam/evaluator.ts';

const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/tasks';

function allow(Action: unknown, Resource: unknown): object {
  return { Effect: 'Allow', Action, Resource };
}

describe('the policy evaluator', () => {
  it('allows what a statement names and nothing else', () => {
    const policy = compilePolicy([allow(['dynamodb:GetItem', 'dynamodb:Query'], [table])], 'role');
    expect(policy.allows('dynamodb:GetItem', table)).toBe(true);
    expect(policy.allows('dynamodb:Query', table)).toBe(true);
    expect(policy.allows('dynamodb:PutItem', table)).toBe(false);
    expect(policy.allows('dynamodb:GetItem', `${table}2`)).toBe(false);
    expect(policy.allows('dynamodb:Query', `${table}/index/byStatus`)).toBe(false);
  });

  it('allows nothing without statements', () => {
    expect(compilePolicy([], 'role').allows('dynamodb:GetItem', table)).toBe(false);
  });

  it('keeps action and resource of a statement together', () => {
    const policy = compilePolicy(
      [allow('dynamodb:GetItem', table), allow('dynamodb:PutItem', `${table}-other`)],
      'role',
    );
    expect(policy.allows('dynamodb:PutItem', table)).toBe(false);
  });

  it('takes a star at the end, and actions in any case', () => {
    const policy = compilePolicy([allow('DynamoDB:get*', `${table}/index/*`)], 'role');
    expect(policy.allows('dynamodb:GetItem', `${table}/index/byStatus`)).toBe(true);
    expect(policy.allows('dynamodb:GetItem', table)).toBe(false);
  });

  it('takes an action that knows no resources on the star alone', () => {
    const on = (resource: string): boolean =>
      compilePolicy([allow('dynamodb:ListStreams', resource)], 'role').allows('dynamodb:ListStreams', '*');
    expect([on('*'), on(`${table}/stream/*`)]).toEqual([true, false]);
  });

  it.each([
    ['a denial', { Effect: 'Deny', Action: 'dynamodb:GetItem', Resource: table }, 'Deny'],
    ['a condition', { ...allow('dynamodb:GetItem', table), Condition: { Bool: {} } }, 'Condition'],
    ['NotAction', { Effect: 'Allow', NotAction: 'dynamodb:GetItem', Resource: table }, 'NotAction'],
    [
      'a star inside',
      allow('dynamodb:GetItem', 'arn:aws:dynamodb:*:000000000000:table/tasks'),
      'table/tasks',
    ],
    ['a question mark', allow('dynamodb:GetItem?', table), 'dynamodb:getitem?'],
    ['a policy variable', allow('dynamodb:GetItem', `${table}/\${aws:username}`), 'aws:username'],
    ['an unresolved intrinsic', allow('dynamodb:GetItem', { Ref: 'Table' }), 'Ref'],
    ['no resource', { Effect: 'Allow', Action: 'dynamodb:GetItem' }, 'undefined'],
    ['an empty list', allow([], table), 'empty'],
  ])('refuses %s instead of misreading it', (_name, statement, named) => {
    expect(() => compilePolicy([statement], 'the-role')).toThrow(named);
    expect(() => compilePolicy([statement], 'the-role')).toThrow('the-role');
  });
});

describe('access control', () => {
  const action = 'dynamodb:GetItem';
  function control(): AccessControl {
    const access = new AccessControl();
    access.register('KEY', {
      functionName: 'tasks',
      roleName: 'tasks-role',
      accountId: '000000000000',
      statements: [allow(action, table)],
    });
    return access;
  }

  it("denies in AWS's words", () => {
    expect(control().deny('KEY', [{ action: 'dynamodb:PutItem', resource: table }])).toBe(
      `User: arn:aws:sts::000000000000:assumed-role/tasks-role/tasks is not authorized to perform: dynamodb:PutItem on resource: ${table} because no identity-based policy allows the dynamodb:PutItem action`,
    );
  });

  it('denies a transaction when one of its parts is not allowed', () => {
    const parts = [
      { action, resource: table },
      { action: 'dynamodb:DeleteItem', resource: table },
    ];
    expect(control().deny('KEY', parts)).toContain('dynamodb:DeleteItem');
  });

  it('denies a key that it does not know', () => {
    expect(control().deny('OTHER', [{ action, resource: table }])).toContain('security token');
  });

  it('reports every decision once, with its count', () => {
    const access = control();
    access.deny('KEY', [{ action, resource: table }]);
    access.deny('KEY', [{ action, resource: table }]);
    access.deny('KEY', [{ action: 'dynamodb:PutItem', resource: table }]);
    expect(access.decisions()).toEqual([
      { functionName: 'tasks', action, resource: table, allowed: true, count: 2 },
      { functionName: 'tasks', action: 'dynamodb:PutItem', resource: table, allowed: false, count: 1 },
    ]);
  });
});
