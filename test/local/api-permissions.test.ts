import { readApiPermissions } from '../../local/gateway/api-permissions.ts';
import type { TemplateResource } from '../../local/template/assembly.ts';
import { StackTemplate } from '../../local/template/stack-template.ts';

function permissions(...properties: object[]): ReturnType<typeof readApiPermissions> {
  const Resources = Object.fromEntries(
    properties.map((own, index): [string, TemplateResource] => [
      `P${index}`,
      {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          Action: 'lambda:InvokeFunction',
          FunctionName: 'arn:f',
          Principal: 'apigateway.amazonaws.com',
          ...own,
        },
      },
    ]),
  );
  const assembly = {
    stackName: 'Stack',
    template: { Resources },
    assetDirectories: new Map<string, string>(),
    constructPaths: new Map<string, string>(),
  };
  return readApiPermissions(new StackTemplate(assembly, 'test', {}));
}

const api = 'arn:aws:execute-api:us-east-1:000000000000:api';

function admitted(mayInvoke: ReturnType<typeof readApiPermissions>): string[] {
  return ['GET /tasks', 'GET /tasks/{id}', 'POST /tasks', '$default'].filter((routeKey) =>
    mayInvoke({ apiId: 'api', stage: '$default', routeKey, functionArn: 'arn:f' }),
  );
}

describe('the permission to invoke the function behind a route', () => {
  it.each([
    ['all methods and paths', '*/*/*', ['GET /tasks', 'GET /tasks/{id}', 'POST /tasks']],
    ['everything', '*/*', ['GET /tasks', 'GET /tasks/{id}', 'POST /tasks', '$default']],
    ['the default route', '*/$default', ['$default']],
    ['a method', '*/GET/*', ['GET /tasks', 'GET /tasks/{id}']],
    ['a path', '*/*/tasks', ['GET /tasks', 'POST /tasks']],
    ['a path with a variable', '*/*/tasks/{id}', ['GET /tasks/{id}']],
    ['another stage', 'beta/*', []],
  ])('for %s counts for these routes', (_, source, routes) => {
    expect(admitted(permissions({ SourceArn: `${api}/${source}` }))).toEqual(routes);
  });

  it('without a source counts for all', () => {
    expect(admitted(permissions({}))).toHaveLength(4);
  });

  it.each([
    ['another API', { SourceArn: `${api}2/*/*` }],
    ['another account', { SourceArn: 'arn:aws:execute-api:us-east-1:111111111111:api/*' }],
    ['one part of an ARN that holds all others', { SourceArn: 'arn:aws:*' }],
    ['another function', { FunctionName: 'arn:g' }],
    ['another service', { Principal: 'events.amazonaws.com' }],
    ['another action', { Action: 'lambda:InvokeFunctionUrl' }],
  ])('does not come from %s', (_, properties) => {
    expect(admitted(permissions(properties))).toEqual([]);
  });

  it('may come from any of several statements', () => {
    expect(
      admitted(permissions({ SourceArn: `${api}/*/GET/tasks` }, { SourceArn: `${api}/*/$default` })),
    ).toEqual(['GET /tasks', '$default']);
  });
});
