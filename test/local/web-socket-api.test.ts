import type { LocalFunction } from '../../local/functions/functions.ts';
import type { TemplateResource } from '../../local/template/assembly.ts';
import { StackTemplate } from '../../local/template/stack-template.ts';
import {
  addressedConnection,
  readSocketAddress,
  withLocalApis,
} from '../../local/websocket/socket-address.ts';
import { readWebSocketApi, routeOf } from '../../local/websocket/web-socket-api.ts';

const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const functions = [{ arn: functionArn, process: {} }] as unknown as LocalFunction[];

const resources: Readonly<Record<string, TemplateResource>> = {
  Api: {
    Type: 'AWS::ApiGatewayV2::Api',
    Properties: { ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' },
  },
  Other: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'HTTP' } },
  Stage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: { ApiId: 'test-Api', StageName: 'ws' },
  },
  OtherStage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: { ApiId: 'test-Other', StageName: '$default' },
  },
  Integration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: { ApiId: 'test-Api', IntegrationType: 'AWS_PROXY', IntegrationUri: `x/${functionArn}/y` },
  },
  Route: {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: { ApiId: 'test-Api', RouteKey: '$default', Target: 'integrations/test-Integration' },
  },
  Permission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: functionArn,
      Principal: 'apigateway.amazonaws.com',
      SourceArn: 'arn:aws:execute-api:us-east-1:000000000000:test-Api/*$default',
    },
  },
};

/** The template, with some resources replaced, or without those that are undefined. */
function template(changes: Readonly<Record<string, TemplateResource | undefined>> = {}): StackTemplate {
  const Resources = Object.fromEntries(
    Object.entries({ ...resources, ...changes }).filter((entry) => entry[1] !== undefined),
  ) as Record<string, TemplateResource>;
  return new StackTemplate(
    { stackName: 'Stack', template: { Resources }, assetDirectories: new Map(), constructPaths: new Map() },
    'test',
    {},
  );
}

function changed(name: string, properties: object): Readonly<Record<string, TemplateResource>> {
  const { Type, Properties } = resources[name]!;
  return { [name]: { Type, Properties: { ...Properties, ...properties } } };
}

describe('the WebSocket API of a template', () => {
  it('is found beside an HTTP API, with its stage and routes', () => {
    const api = readWebSocketApi(template(), functions);

    expect(api).toMatchObject({
      apiId: 'test-Api',
      domain: 'test-Api.execute-api.us-east-1.amazonaws.com',
      stage: 'ws',
    });
    expect([...api.routes]).toEqual([['$default', { process: {}, mayInvoke: true }]]);
  });

  it('may invoke its function only for what the permission names', () => {
    const source = 'arn:aws:execute-api:us-east-1:000000000000:test-Api/*$connect';
    const api = readWebSocketApi(template(changed('Permission', { SourceArn: source })), functions);

    expect(api.routes.get('$default')?.mayInvoke).toBe(false);
  });

  it.each([
    ['no API', { Api: undefined }, 'exactly one WebSocket API'],
    ['two APIs', { Third: resources['Api'] }, 'exactly one WebSocket API'],
    ['no stage', { Stage: undefined }, 'exactly one stage'],
    ['two stages', { Third: resources['Stage'] }, 'exactly one stage'],
  ])('is refused with %s', (_, changes, message) => {
    expect(() => readSocketAddress(template(changes))).toThrow(message);
  });

  it.each([
    [
      'another way to its routes',
      'Api',
      { RouteSelectionExpression: '$request.body.type' },
      'find its routes by',
    ],
    ['an authorizer', 'Route', { AuthorizationType: 'CUSTOM' }, 'has an authorizer or a response'],
    [
      'a route response',
      'Route',
      { RouteResponseSelectionExpression: '$default' },
      'an authorizer or a response',
    ],
    ['a route to nowhere', 'Route', { Target: 'integrations/other' }, 'no integration that is known'],
    ['another integration', 'Integration', { IntegrationType: 'MOCK' }, 'is not a function'],
  ])('is refused with %s', (_, name, properties, message) => {
    expect(() => readWebSocketApi(template(changed(name, properties)), functions)).toThrow(message);
  });

  it('has no route for a message where neither its action nor $default is one', () => {
    expect(routeOf({ routes: new Map() }, '{"action":"x"}')).toBeUndefined();
  });
});

describe('the address of an API in a variable of a function', () => {
  const awsEndpoint = 'http://127.0.0.1:1';

  it.each([
    [
      'https://a-B1.execute-api.us-east-1.amazonaws.com/ws',
      `${awsEndpoint}/a-B1.execute-api.us-east-1.amazonaws.com/ws`,
    ],
    ['https://a.execute-api.us-east-1.amazonaws.com', `${awsEndpoint}/a.execute-api.us-east-1.amazonaws.com`],
    ['https://example.com/ws', 'https://example.com/ws'],
    ['tasks', 'tasks'],
  ])('leads to what the functions know as AWS: %s', (value, expected) => {
    expect(withLocalApis({ NAME: value }, awsEndpoint)).toEqual({ NAME: expected });
  });

  it.each([
    ['/host/ws/@connections/a%3D', { host: 'host', stage: 'ws', connectionId: 'a=' }],
    ['/host/ws/%40connections/a=', { host: 'host', stage: 'ws', connectionId: 'a=' }],
    ['/', undefined],
    ['/host/ws/@connections/', undefined],
    ['/host/ws/@connections/a/b', undefined],
    ['/host/ws/@connections/%zz', undefined],
  ])('is taken apart again: %s', (url, expected) => {
    expect(addressedConnection(url)).toEqual(expected);
  });
});
