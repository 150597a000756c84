import { readDistribution } from '../../local/edge/distribution.ts';
import { ViewerFunction } from '../../local/edge/viewer-function.ts';
import { StackTemplate } from '../../local/template/stack-template.ts';
import type { TemplateResource } from '../../local/template/assembly.ts';
import { readUrlPermissions } from '../../local/gateway/url-permissions.ts';

const request = { method: 'GET', path: '/tasks', query: 'a=1&b', headers: {}, ip: '192.0.2.1' };

function template(resources: Record<string, TemplateResource>): StackTemplate {
  const assembly = {
    stackName: 'Stack',
    template: { Resources: resources },
    assetDirectories: new Map(),
    constructPaths: new Map(),
  };
  return new StackTemplate(assembly, 'test', {});
}

describe('a CloudFront Function', () => {
  it('sees the request in the documented form and gives its headers back', () => {
    const code = `function handler(event) {
      var request = event.request;
      request.headers['x-seen'] = {
        value: [event.version, event.context.eventType, event.viewer.ip, request.method, request.uri,
          request.querystring.a.value, request.headers['x-two'].multiValue.length].join(' '),
      };
      delete request.headers['x-one'];
      return request;
    }`;

    const result = new ViewerFunction(code, 'f').run({
      ...request,
      headers: { 'x-one': ['1'], 'x-two': ['1', '2'], cookie: ['a=b'] },
    });

    expect(result).toEqual({
      headers: { 'x-two': '1,2', 'x-seen': '1.0 viewer-request 192.0.2.1 GET /tasks 1 2' },
    });
  });

  it('answers itself, with status and headers', () => {
    const code = `function handler() {
      return { statusCode: 302, statusDescription: 'Found', headers: { Location: { value: '/' } } };
    }`;

    expect(new ViewerFunction(code, 'f').run(request)).toEqual({
      answer: { status: 302, headers: { location: '/' } },
    });
  });

  it.each([
    ['answers with a body', "function handler() { return { statusCode: 200, body: 'text' }; }"],
    ['gives nothing back', 'function handler() {}'],
    ['changes the path', "function handler(event) { event.request.uri = '/'; return event.request; }"],
    [
      'changes the query',
      'function handler(event) { event.request.querystring = {}; return event.request; }',
    ],
  ])('that %s is not understood', (_, code) => {
    expect(() => new ViewerFunction(code, 'f').run(request)).toThrow('more than change headers');
  });

  it.each([
    ['does not parse', 'function handler( {', 'does not run'],
    ['has no handler', 'var handler = 5;', 'no function handler'],
    ['reaches for Node', "var fs = require('fs'); function handler() {}", 'require is not defined'],
  ])('that %s is refused at the start', (_, code, message) => {
    expect(() => new ViewerFunction(code, 'f')).toThrow(message);
  });
});

describe('a Function URL', () => {
  const permission = (Action: string, rest: object): TemplateResource => ({
    Type: 'AWS::Lambda::Permission',
    Properties: { Action, FunctionName: 'arn:f', ...rest },
  });
  const cloudFront = { Principal: 'cloudfront.amazonaws.com', SourceArn: 'arn:distribution' };

  it('admits a distribution that has both permissions', () => {
    const admits = readUrlPermissions(
      template({
        A: permission('lambda:InvokeFunctionUrl', cloudFront),
        B: permission('lambda:InvokeFunction', cloudFront),
      }),
      'arn:f',
    );

    expect(['arn:distribution', 'arn:other', '*'].map((caller) => admits(caller))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.each([
    ['the function', [permission('lambda:InvokeFunctionUrl', cloudFront)]],
    ['the URL', [permission('lambda:InvokeFunction', cloudFront)]],
    [
      'both, but for another function',
      ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'].map((action) =>
        permission(action, { ...cloudFront, FunctionName: 'arn:g' }),
      ),
    ],
  ])('admits nobody who lacks the permission for %s', (_, permissions) => {
    const admits = readUrlPermissions(template(Object.fromEntries(permissions.entries())), 'arn:f');

    expect(admits('arn:distribution')).toBe(false);
  });
});

describe('a distribution', () => {
  const errors = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504].map((ErrorCode) => ({
    ErrorCode,
    ErrorCachingMinTTL: 0,
  }));
  const cachingDisabled = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
  const read = (config: object): ReturnType<typeof readDistribution> =>
    readDistribution(
      template({
        D: {
          Type: 'AWS::CloudFront::Distribution',
          Properties: {
            DistributionConfig: {
              DefaultCacheBehavior: { TargetOriginId: 'page', CachePolicyId: 'any' },
              CustomErrorResponses: errors,
              Origins: [{ Id: 'page', DomainName: 'page.example' }],
              ...config,
            },
          },
        },
      }),
    );
  const behavior = { TargetOriginId: 'page', CachePolicyId: cachingDisabled };

  it('finds behaviors by their patterns, with wildcards and without', () => {
    const { behaviors } = read({
      CacheBehaviors: ['/a.b', '/c/*', '/d?'].map((PathPattern) => ({ ...behavior, PathPattern })),
    })!;
    const found = ['/a.b', '/axb', '/c/d/e', '/c', '/d1', '/d'].map((path) =>
      behaviors.findIndex(({ pattern }) => pattern.test(path)),
    );

    expect(found).toEqual([0, 3, 1, 3, 2, 3]);
  });

  it('is refused where it would cache an error or an answer', () => {
    expect(() => read({ CustomErrorResponses: errors.slice(1) })).toThrow('caches or replaces the error 400');
    expect(() =>
      read({ CacheBehaviors: [{ ...behavior, PathPattern: '/a', CachePolicyId: 'any' }] }),
    ).toThrow('the behavior /a of the distribution caches answers');
  });

  it('is refused where it names an origin that it has not', () => {
    expect(() => read({ Origins: [] })).toThrow('no origin of the distribution is page');
  });
});
