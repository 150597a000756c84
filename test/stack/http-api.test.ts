import { devTemplate, localTemplate, plain, resource, resources } from './synthesized.ts';

const template = localTemplate();

/** The resources of a type that belong to the HTTP API, as their properties. */
function ofApi(type: string): Readonly<Record<string, unknown>>[] {
  return Object.values(resources(template, type))
    .map(({ Properties }) => Properties)
    .filter(({ ApiId }) => plain(ApiId) === 'ApiHttpApi');
}

/** Route key → function, by way of the integration. */
function routes(): Record<string, string> {
  const integrations = resources(template, 'AWS::ApiGatewayV2::Integration');
  return Object.fromEntries(
    ofApi('AWS::ApiGatewayV2::Route').map((properties) => {
      const { Target } = properties as { Target: { 'Fn::Join': [string, [string, { Ref: string }]] } };
      const integration = integrations[Target['Fn::Join'][1][1].Ref];
      return [String(properties['RouteKey']), plain(integration?.Properties['IntegrationUri'])];
    }),
  );
}

it('routes go to their functions, and what no route matches to the function of its part', () => {
  const tasks = 'ApiTasksFunction.Arn';
  const connections = 'ApiConnectionsFunction.Arn';

  expect(routes()).toEqual({
    'GET /tasks': tasks,
    'POST /tasks': tasks,
    'GET /tasks/{id}': tasks,
    'PATCH /tasks/{id}': tasks,
    'DELETE /tasks/{id}': tasks,
    'GET /events': tasks,
    'GET /presence': tasks,
    'POST /presence': tasks,
    'POST /tasks/{id}/typing': tasks,
    $default: tasks,
    'POST /sse/ticket': connections,
    'GET /sse/stats': connections,
    'POST /sse/disconnect': connections,
    'POST /sse/lease': connections,
    'POST /sse/revocations': connections,
    'DELETE /sse/connections/{id}': connections,
    'ANY /sse/{proxy+}': connections,
  });
});

it('functions get events of payload format 2.0', () => {
  const integrations = ofApi('AWS::ApiGatewayV2::Integration');

  expect(integrations).toHaveLength(3);
  for (const properties of integrations) {
    expect(properties).toMatchObject({ IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' });
  }
});

it('only this API may invoke the functions behind it', () => {
  const permissions = Object.values(resources(template, 'AWS::Lambda::Permission'))
    .map(({ Properties }) => Properties)
    .filter((properties) => properties['Principal'] === 'apigateway.amazonaws.com')
    .filter(({ FunctionName }) => plain(FunctionName).startsWith('Api'));

  const api = 'arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:ApiHttpApi';
  expect(permissions.map(({ FunctionName, SourceArn }) => [plain(FunctionName), plain(SourceArn)])).toEqual([
    ['ApiTasksFunction.Arn', `${api}/*/*/*`],
    ['ApiConnectionsFunction.Arn', `${api}/*/*/*`],
    // API Gateway calls as <stage>/$default for the route $default: one part less than the others.
    ['ApiTasksFunction.Arn', `${api}/*/*`],
  ]);
});

describe('CORS', () => {
  it('names methods and headers', () => {
    expect(resource(template, 'ApiHttpApi').Properties['CorsConfiguration']).toMatchObject({
      AllowMethods: ['GET', 'POST', 'PATCH', 'DELETE', 'OPTIONS'],
      AllowHeaders: ['authorization', 'content-type', 'if-match', 'idempotency-key', 'x-correlation-id'],
      ExposeHeaders: ['etag', 'location', 'idempotency-replayed', 'retry-after', 'x-correlation-id'],
      MaxAge: 3_600,
    });
  });

  it('lists the origins of the stage, which may send credentials along, for API and stream alike', async () => {
    const allowedOrigins = ['https://board.example.com', 'https://other.example.com:8443'];
    const dev = await devTemplate({ allowedOrigins });
    const [url] = Object.values(resources(dev, 'AWS::Lambda::Url'));

    expect(resource(dev, 'ApiHttpApi').Properties).toMatchObject({
      CorsConfiguration: { AllowOrigins: allowedOrigins, AllowCredentials: true },
    });
    expect(url?.Properties).toMatchObject({
      Cors: { AllowOrigins: allowedOrigins, AllowCredentials: true },
    });
  });
});

describe('the stage of the API', () => {
  it('throttles as configured', async () => {
    const dev = await devTemplate({ throttleRate: 7, throttleBurst: 9 });

    expect(resource(dev, 'ApiStage').Properties).toMatchObject({
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 7, ThrottlingBurstLimit: 9 },
    });
  });

  it('logs each request as JSON, without what can carry a token', () => {
    const { AccessLogSettings } = resource(template, 'ApiStage').Properties as {
      AccessLogSettings: { DestinationArn: unknown; Format: string };
    };
    const logged = Object.values(JSON.parse(AccessLogSettings.Format) as Record<string, string>);

    expect(plain(AccessLogSettings.DestinationArn)).toBe('ApiAccessLog.Arn');
    expect(logged).toEqual(expect.arrayContaining(['$context.requestId', '$context.status']));
    expect(logged.filter((value) => /header|query|authorizer|\$request/i.test(value))).toEqual([]);
  });
});
