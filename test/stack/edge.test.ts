import type { IncomingMessage } from 'node:http';
import type { Template } from 'aws-cdk-lib/assertions';
import { markTerminal } from '../../protocol/cursor.ts';
import type { CorsSettings } from '../../local/gateway/cors.ts';
import { corsHeaders } from '../../local/gateway/cors.ts';
import { ViewerFunction } from '../../local/edge/viewer-function.ts';
import { devTemplate, plain, resource, resources, stageTemplate } from './synthesized.ts';

interface Behavior {
  readonly PathPattern?: string;
  readonly TargetOriginId: string;
  readonly [property: string]: unknown;
}

interface DistributionConfig {
  readonly CacheBehaviors: readonly Behavior[];
  readonly DefaultCacheBehavior: Behavior;
  readonly Origins: ReadonlyArray<{
    readonly Id: string;
    readonly DomainName: unknown;
    readonly ConnectionAttempts?: number;
    readonly OriginPath?: unknown;
  }>;
  readonly [property: string]: unknown;
}

function distribution(template: Template): DistributionConfig {
  return resource(template, 'EdgeDistribution').Properties['DistributionConfig'] as DistributionConfig;
}

/** Managed policies. Source: "Use managed cache policies", CloudFront developer guide. */
const cachingDisabled = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const cachingOptimized = '658327ea-f89d-4fab-a63d-7e88639e58f6';

let template: Template;
beforeAll(async () => {
  template = await stageTemplate('staging');
});

describe('with the edge on, CloudFront', () => {
  it('sends streams to the Function URL, the API to the HTTP API, WebSockets to theirs, and all else to the page', () => {
    const { CacheBehaviors, DefaultCacheBehavior, Origins } = distribution(template);
    const kinds = new Map(
      Origins.map(({ Id, DomainName }) => {
        const text = JSON.stringify(DomainName);
        const kindsOf = ['FunctionUrl', 'SocketsApi', 'execute-api', 'RegionalDomainName'];
        return [Id, kindsOf.find((kind) => text.includes(kind))];
      }),
    );
    const routes = CacheBehaviors.map(({ PathPattern, TargetOriginId }) => [
      PathPattern,
      kinds.get(TargetOriginId),
    ]);

    expect(routes).toEqual([
      ['/sse/connect', 'FunctionUrl'],
      ['/sse/connect/', 'FunctionUrl'],
      ['/sse/*', 'execute-api'],
      ['/tasks', 'execute-api'],
      ['/tasks/*', 'execute-api'],
      ['/events', 'execute-api'],
      ['/events/', 'execute-api'],
      ['/presence', 'execute-api'],
      ['/presence/', 'execute-api'],
      ['/ws', 'SocketsApi'],
    ]);
    expect(kinds.get(DefaultCacheBehavior.TargetOriginId)).toBe('RegionalDomainName');
    expect(distribution(template)).toMatchObject({ DefaultRootObject: 'index.html' });
  });

  it('caches and compresses no answer, and moves the token of every request for one', () => {
    const { CacheBehaviors } = distribution(template);

    expect(CacheBehaviors).toHaveLength(10);
    for (const behavior of CacheBehaviors) {
      expect(behavior).toMatchObject({
        CachePolicyId: cachingDisabled,
        Compress: false,
        ViewerProtocolPolicy: 'https-only',
        FunctionAssociations: [{ EventType: 'viewer-request' }],
      });
      const forwarded = behavior.PathPattern === '/ws' ? 'EdgeForwardedHandshake' : 'EdgeForwardedRequest';
      expect(plain(behavior['OriginRequestPolicyId'])).toBe(forwarded);
      expect(plain(behavior['ResponseHeadersPolicyId'])).toBe('EdgeAnswerHeaders');
    }
  });

  it('caches the page for as long as S3 says, which is not at all', () => {
    const { DefaultCacheBehavior } = distribution(template);
    const [upload, settings] = Object.values(resources(template, 'Custom::CDKBucketDeployment'));

    expect(DefaultCacheBehavior).toMatchObject({ CachePolicyId: cachingOptimized, Compress: true });
    expect(plain(DefaultCacheBehavior['ResponseHeadersPolicyId'])).toBe('EdgePageHeaders');
    expect(upload?.Properties).toMatchObject({ SystemMetadata: { 'cache-control': 'no-cache' } });
    expect(settings?.Properties).toMatchObject({ SystemMetadata: { 'cache-control': 'no-store' } });
  });

  it('takes writes for the API only', () => {
    const writable = distribution(template).CacheBehaviors.filter((behavior) =>
      (behavior['AllowedMethods'] as string[]).includes('POST'),
    );

    expect(writable.map(({ PathPattern }) => PathPattern)).toEqual([
      '/sse/*',
      '/tasks',
      '/tasks/*',
      '/events',
      '/events/',
      '/presence',
      '/presence/',
    ]);
  });

  it('caches no error', () => {
    const errors = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

    expect(distribution(template)['CustomErrorResponses']).toEqual(
      errors.map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })),
    );
  });

  it('speaks HTTP/2 and 3', () => {
    expect(distribution(template)).toMatchObject({ HttpVersion: 'http2and3' });
  });

  it('waits for the stream longer than the time between two pings, and asks the origins over TLS', () => {
    const { Origins } = distribution(template);
    const custom = Origins.filter((origin) => 'CustomOriginConfig' in origin);

    expect(custom).toHaveLength(3);
    for (const origin of custom) {
      expect(origin).toMatchObject({
        CustomOriginConfig: {
          OriginProtocolPolicy: 'https-only',
          OriginSSLProtocols: ['TLSv1.2'],
          OriginReadTimeout: 30,
        },
      });
    }
  });

  it('opens a stream once for a request, however long its first byte takes', () => {
    const attempts = distribution(template).Origins.map(({ DomainName, ConnectionAttempts }) => [
      JSON.stringify(DomainName).includes('FunctionUrl'),
      ConnectionAttempts,
    ]);

    expect(attempts.filter(([isStream]) => isStream)).toEqual([[true, 1]]);
  });

  it('comes by a stage of the API whose name nobody else knows, with a throttle of its own', async () => {
    const throttled = await stageTemplate('staging', { throttleRate: 70, throttleBurst: 90 });
    const stages = Object.values(resources(throttled, 'AWS::ApiGatewayV2::Stage'))
      .map(({ Properties }) => Properties)
      .filter(({ ApiId }) => plain(ApiId) === 'ApiHttpApi');
    const edgePaths = distribution(throttled).Origins.map(({ OriginPath }) => OriginPath);
    const name = { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] };

    expect(stages.map(({ StageName, DefaultRouteSettings }) => [StageName, DefaultRouteSettings])).toEqual([
      ['$default', { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 90 }],
      [name, { ThrottlingRateLimit: 70, ThrottlingBurstLimit: 90 }],
    ]);
    expect(edgePaths).toContainEqual({ 'Fn::Join': ['', ['/', name]] });
  });

  it('is the only one whose access log has no path, which begins with the name of the stage', () => {
    const formats = Object.values(resources(template, 'AWS::ApiGatewayV2::Stage'))
      .filter(({ Properties }) => plain(Properties['ApiId']) === 'ApiHttpApi')
      .map(({ Properties }) => (Properties['AccessLogSettings'] as { Format: string }).Format);

    expect(formats.map((format) => format.includes('$context.path'))).toEqual([true, false]);
  });

  it('forwards the query and the headers that the functions read, neither Host nor Authorization', () => {
    const { OriginRequestPolicyConfig } = resource(template, 'EdgeForwardedRequest').Properties;

    expect(OriginRequestPolicyConfig).toMatchObject({
      QueryStringsConfig: { QueryStringBehavior: 'all' },
      CookiesConfig: { CookieBehavior: 'none' },
      HeadersConfig: {
        HeaderBehavior: 'whitelist',
        Headers: [
          'x-taskwire-authorization',
          'Content-Type',
          'If-Match',
          'Idempotency-Key',
          'Last-Event-ID',
          'X-Correlation-ID',
          'Origin',
          'X-Taskwire-Errors',
          'Access-Control-Request-Method',
          'Access-Control-Request-Headers',
        ],
      },
    });
  });

  it('forwards of a handshake the query, the token and its own headers, neither Host nor Authorization', () => {
    const { OriginRequestPolicyConfig } = resource(template, 'EdgeForwardedHandshake').Properties;

    expect(OriginRequestPolicyConfig).toMatchObject({
      QueryStringsConfig: { QueryStringBehavior: 'all' },
      CookiesConfig: { CookieBehavior: 'none' },
      HeadersConfig: {
        HeaderBehavior: 'whitelist',
        Headers: [
          'x-taskwire-authorization',
          'Sec-WebSocket-Key',
          'Sec-WebSocket-Version',
          'Sec-WebSocket-Protocol',
          'Sec-WebSocket-Extensions',
        ],
      },
    });
  });

  it('comes to the WebSocket API by the path itself, which is the name of its stage', () => {
    const { Origins } = distribution(template);
    const origin = Origins.find(({ DomainName }) => JSON.stringify(DomainName).includes('SocketsApi'));

    expect(origin).not.toHaveProperty('OriginPath');
  });

  it.each(['EdgePageHeaders', 'EdgeAnswerHeaders'])('%s bring the security headers', (name) => {
    const { ResponseHeadersPolicyConfig } = resource(template, name).Properties;
    const { ContentSecurityPolicy } = (
      ResponseHeadersPolicyConfig as { SecurityHeadersConfig: Record<string, Record<string, unknown>> }
    ).SecurityHeadersConfig;

    expect(plain(ContentSecurityPolicy?.['ContentSecurityPolicy'])).toMatch(
      /^default-src 'none'; .*frame-ancestors 'none'$/,
    );
    expect(ResponseHeadersPolicyConfig).toMatchObject({
      SecurityHeadersConfig: {
        ContentSecurityPolicy: { Override: true },
        ContentTypeOptions: { Override: true },
        FrameOptions: { FrameOption: 'DENY', Override: true },
        ReferrerPolicy: { ReferrerPolicy: 'no-referrer', Override: true },
        StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, Override: true },
      },
    });
  });

  it('says no-store where an origin says nothing', () => {
    const { ResponseHeadersPolicyConfig } = resource(template, 'EdgeAnswerHeaders').Properties;

    expect(ResponseHeadersPolicyConfig).toMatchObject({
      CustomHeadersConfig: { Items: [{ Header: 'Cache-Control', Value: 'no-store', Override: false }] },
    });
  });
});

describe('the function of the edge', () => {
  const terminal = `${'a'.repeat(16)}.1.0.0.${'b'.repeat(12)}.end`;
  const request = { method: 'GET', path: '/sse/connect', query: '', ip: '192.0.2.1' };

  function viewerFunction(from: Template): ViewerFunction {
    return new ViewerFunction(String(resource(from, 'EdgeViewerRequest').Properties['FunctionCode']), 'f');
  }

  const noContent = { answer: { status: 204, headers: { 'cache-control': 'no-store' } } };

  it.each([
    ['a terminal cursor', request, [terminal]],
    ['what the stream function marks as one', request, [markTerminal('')]],
    ['one on the path with a slash', { ...request, path: '/sse/connect/' }, [terminal]],
    ['one that comes last', request, ['first', terminal]],
    ['one that comes last in a list', request, [`first, ${terminal}`]],
    ['one with blanks around it', request, [` ${terminal} `]],
    ['one before an empty one', request, [terminal, '']],
  ])('answers %s with 204, which no cache keeps', (_, asked, cursors) => {
    const result = viewerFunction(template).run({ ...asked, headers: { 'last-event-id': cursors } });

    expect(result).toEqual(noContent);
  });

  it.each([
    ['a cursor that goes on', request, ['aaaa.1.0.0.bbbb']],
    ['one that is terminal, then one that is not', request, [terminal, 'aaaa.1.0.0.bbbb']],
    ['the same in a list', request, [`${terminal},aaaa.1.0.0.bbbb`]],
    ['a mark in the middle', request, [`${terminal}.1`]],
    ['an empty cursor', request, ['']],
    ['another method', { ...request, method: 'HEAD' }, [terminal]],
    ['another path', { ...request, path: '/sse/stats' }, [terminal]],
    ['a path below', { ...request, path: '/sse/connect/x' }, [terminal]],
  ])('hands on %s', (_, asked, cursors) => {
    const headers = { 'last-event-id': cursors, authorization: ['Bearer t'] };

    expect(viewerFunction(template).run({ ...asked, headers })).toEqual({
      headers: { 'last-event-id': cursors.join(','), 'x-taskwire-authorization': 'Bearer t' },
    });
  });

  it('lets pages of the allowed origins, and no others, see the 204, as the URL of the stream would', async () => {
    const origin = 'https://board.example.com';
    const withOrigins = await stageTemplate('staging', { allowedOrigins: [origin] });
    const [url] = Object.values(resources(withOrigins, 'AWS::Lambda::Url'));
    const [from, elsewhere] = [origin, 'https://elsewhere.example'].map((asking) =>
      viewerFunction(withOrigins).run({
        ...request,
        headers: { 'last-event-id': [terminal], origin: [asking] },
      }),
    );
    const ofUrl = corsHeaders(
      url?.Properties['Cors'] as CorsSettings,
      { method: 'GET', headers: { origin } } as unknown as IncomingMessage,
    );
    delete ofUrl['access-control-expose-headers'];

    expect(from).toEqual({ answer: { status: 204, headers: { 'cache-control': 'no-store', ...ofUrl } } });
    expect(elsewhere).toEqual(noContent);
  });
});

describe('with the edge on, the Function URL', () => {
  it('asks for a signature and has no CORS, for nobody calls it from elsewhere', () => {
    const [url] = Object.values(resources(template, 'AWS::Lambda::Url'));

    expect(url?.Properties).toMatchObject({ AuthType: 'AWS_IAM', InvokeMode: 'RESPONSE_STREAM' });
    expect(url?.Properties).not.toHaveProperty('Cors');
  });

  // Since October 2025 a URL needs both; the second is bound to calls that come through the URL.
  it('may be called by this distribution, with both permissions, and by nobody else', () => {
    const permissions = Object.values(resources(template, 'AWS::Lambda::Permission'))
      .map(({ Properties }) => Properties)
      .filter(({ FunctionName }) => plain(FunctionName).startsWith('StreamUrlStreamFunction'));

    expect(permissions).toEqual([
      expect.objectContaining({ Action: 'lambda:InvokeFunctionUrl', Principal: 'cloudfront.amazonaws.com' }),
      expect.objectContaining({
        Action: 'lambda:InvokeFunction',
        Principal: 'cloudfront.amazonaws.com',
        InvokedViaFunctionUrl: true,
      }),
    ]);
    for (const { SourceArn } of permissions) {
      expect(plain(SourceArn)).toBe(
        'arn:AWS::Partition:cloudfront::AWS::AccountId:distribution/EdgeDistribution',
      );
    }
  });

  it('is reached with the signature of the edge on every request', () => {
    const controls = Object.values(resources(template, 'AWS::CloudFront::OriginAccessControl')).map(
      ({ Properties }) => Properties['OriginAccessControlConfig'] as Record<string, unknown>,
    );

    expect(controls.map((control) => control['OriginAccessControlOriginType'])).toEqual(['s3', 'lambda']);
    for (const control of controls) {
      expect(control).toMatchObject({ SigningBehavior: 'always', SigningProtocol: 'sigv4' });
    }
  });
});

it('with the edge on, every function that takes requests reads the token where the edge puts it', () => {
  const headers = Object.values(resources(template, 'AWS::Lambda::Function')).map(({ Properties }) => {
    const { Environment } = Properties as { Environment?: { Variables: Record<string, unknown> } };
    return Environment?.Variables['TOKEN_HEADER'];
  });

  expect(headers.filter((header) => header !== undefined)).toEqual(
    Array.from({ length: 4 }, () => 'x-taskwire-authorization'),
  );
});

it('with the edge off there is none of it', async () => {
  const dev = await devTemplate();
  const types = Object.values(resources(dev)).map(({ Type }) => Type);

  expect(types.filter((type) => /CloudFront|WAF|Custom::|Delivery/.test(type))).toEqual([]);
});

it('the bucket of the page is private, and read by the distribution only', () => {
  const { PolicyDocument } = resource(template, 'EdgeDashboardBucketPolicy').Properties as {
    PolicyDocument: {
      Statement: { Effect: string; Principal: unknown; Action: unknown; Condition: unknown }[];
    };
  };
  const allowed = PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Allow');

  expect(resource(template, 'EdgeDashboardBucket').Properties).toMatchObject({
    PublicAccessBlockConfiguration: { BlockPublicPolicy: true, RestrictPublicBuckets: true },
  });
  expect(allowed.flatMap(({ Action }) => Action)).toEqual(['s3:GetObject', 's3:ListBucket']);
  for (const { Principal, Condition } of allowed) {
    const { 'AWS:SourceArn': source } = (Condition as { StringEquals: Record<string, unknown> }).StringEquals;
    expect(Principal).toEqual({ Service: 'cloudfront.amazonaws.com' });
    expect(plain(source)).toBe('arn:AWS::Partition:cloudfront::AWS::AccountId:distribution/EdgeDistribution');
  }
});
