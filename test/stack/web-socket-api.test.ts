import { devTemplate, localTemplate, plain, resource, resources, stageTemplate } from './synthesized.ts';

const template = localTemplate();

/** The resources of a type that belong to the WebSocket API, as their properties. */
function ofApi(type: string): Readonly<Record<string, unknown>>[] {
  return Object.values(resources(template, type))
    .map(({ Properties }) => Properties)
    .filter(({ ApiId }) => plain(ApiId) === 'SocketsApi');
}

describe('the WebSocket API', () => {
  it('finds the route of a message by its action, and has only the three that API Gateway knows', () => {
    const routes = ofApi('AWS::ApiGatewayV2::Route');

    expect(resource(template, 'SocketsApi').Properties).toMatchObject({
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
    });
    expect(routes.map(({ RouteKey }) => RouteKey)).toEqual(['$connect', '$disconnect', '$default']);
    for (const { AuthorizationType, RouteResponseSelectionExpression } of routes) {
      expect([AuthorizationType ?? 'NONE', RouteResponseSelectionExpression]).toEqual(['NONE', undefined]);
    }
  });

  it('hands each route to the function', () => {
    const integrations = ofApi('AWS::ApiGatewayV2::Integration');

    expect(integrations).toHaveLength(3);
    for (const { IntegrationType, IntegrationUri } of integrations) {
      expect(IntegrationType).toBe('AWS_PROXY');
      expect(plain(IntegrationUri)).toContain('functions/SocketsWebsocketFunction.Arn/invocations');
    }
  });

  it('alone may invoke the function, for its routes', () => {
    const permissions = Object.values(resources(template, 'AWS::Lambda::Permission'))
      .map(({ Properties }) => Properties)
      .filter(({ FunctionName }) => plain(FunctionName) === 'SocketsWebsocketFunction.Arn');

    const api = 'arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:SocketsApi';
    expect(permissions.map(({ Principal, SourceArn }) => [Principal, plain(SourceArn)])).toEqual(
      ['$connect', '$disconnect', '$default'].map((route) => [
        'apigateway.amazonaws.com',
        `${api}/*${route}`,
      ]),
    );
  });
});

describe('the stage of the WebSocket API', () => {
  it('is named as the path, and deploys what changes', () => {
    expect(resource(template, 'SocketsStage').Properties).toMatchObject({
      StageName: 'ws',
      AutoDeploy: true,
    });
  });

  it.each(['dev', 'staging'] as const)('throttles as configured, on the stage %s', async (stage) => {
    const throttled = await stageTemplate(stage, { throttleRate: 7, throttleBurst: 9 });

    // Nothing else: what API Gateway logs of executions holds queries and messages.
    expect(resource(throttled, 'SocketsStage').Properties['DefaultRouteSettings']).toEqual({
      ThrottlingRateLimit: 7,
      ThrottlingBurstLimit: 9,
    });
  });

  it('logs as JSON, without what can carry a token', () => {
    const { AccessLogSettings } = resource(template, 'SocketsStage').Properties as {
      AccessLogSettings: { DestinationArn: unknown; Format: string };
    };
    const logged = Object.values(JSON.parse(AccessLogSettings.Format) as Record<string, string>);

    expect(plain(AccessLogSettings.DestinationArn)).toBe('SocketsAccessLog.Arn');
    expect(logged).toEqual(
      expect.arrayContaining(['$context.requestId', '$context.status', '$context.connectionId']),
    );
    expect(logged.filter((value) => /header|query|authorizer|message|body|\$request/i.test(value))).toEqual([
      '$context.integrationErrorMessage',
    ]);
  });

  it('logs where the account lets it, which a stage says', async () => {
    const quiet = await devTemplate();
    const logging = await devTemplate({ socketAccessLogs: true });

    expect(resource(quiet, 'SocketsStage').Properties).not.toHaveProperty('AccessLogSettings');
    expect(resource(logging, 'SocketsStage').Properties).toHaveProperty('AccessLogSettings');
    // It would be a setting of the account and not of the stage.
    expect(resources(logging, 'AWS::ApiGateway::Account')).toEqual({});
  });
});

it('the address of the WebSocket is an output, but where the edge has one for all', async () => {
  const outputs = async (stage: 'dev' | 'staging'): Promise<Record<string, { Value: unknown }>> =>
    ((await stageTemplate(stage)).toJSON() as { Outputs: Record<string, { Value: unknown }> }).Outputs;

  expect(plain((await outputs('dev'))['WebSocketUrl']?.Value)).toMatch(
    /^wss:\/\/SocketsApi\.execute-api\.us-east-1\.[\w:.]+\/ws$/,
  );
  expect(await outputs('staging')).not.toHaveProperty('WebSocketUrl');
});
