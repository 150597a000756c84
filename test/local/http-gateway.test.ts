import type { IncomingMessage } from 'node:http';
import { corsHeaders } from '../../local/gateway/cors.ts';
import { outgoingHeaders } from '../../local/gateway/function-response.ts';
import { findStage } from '../../local/gateway/http-api.ts';
import { matchRoute } from '../../local/gateway/route-match.ts';
import { TokenBucket } from '../../local/gateway/token-bucket.ts';

const routes = [
  'GET /tasks',
  'ANY /tasks',
  'GET /tasks/{id}',
  'GET /tasks/new',
  'GET /{proxy+}',
  '$default',
].map((routeKey) => ({ routeKey, target: routeKey }));

function match(method: string, path: string): unknown {
  const found = matchRoute(routes, method, path);
  return found === undefined || found === 'malformed' ? found : [found.route.target, found.pathParameters];
}

describe('the routes of an HTTP API', () => {
  it.each([
    ['GET', '/tasks', ['GET /tasks', {}]],
    ['POST', '/tasks', ['ANY /tasks', {}]],
    ['GET', '/tasks/7', ['GET /tasks/{id}', { id: '7' }]],
    ['GET', '/tasks/a%20b%2Fc', ['GET /tasks/{id}', { id: 'a b/c' }]],
    ['GET', '/tasks/new', ['GET /tasks/new', {}]],
    ['GET', '/a/b', ['GET /{proxy+}', { proxy: 'a/b' }]],
    ['GET', '/tasks/', ['GET /{proxy+}', { proxy: 'tasks/' }]],
    ['PUT', '/tasks/7', ['$default', {}]],
    ['GET', '/tasks/%zz', 'malformed'],
  ])('send %s %s where API Gateway does', (method, path, expected) => {
    expect(match(method, path)).toEqual(expected);
  });

  it('are missing where none matches', () => {
    expect(matchRoute(routes.slice(0, 1), 'GET', '/other')).toBeUndefined();
  });
});

describe('the stages of an HTTP API', () => {
  const stages = ['$default', 'edge'].map((name) => ({ name, routes: [], throttle: new TokenBucket(1, 1) }));
  const find = (path: string, among = stages): unknown => {
    const found = findStage(among, path);
    return found && [found.stage.name, found.path];
  };

  it.each([
    ['/tasks', ['$default', '/tasks']],
    ['/edge/tasks/7', ['edge', '/tasks/7']],
    ['/edge', ['edge', '/']],
    ['/edges/tasks', ['$default', '/edges/tasks']],
    ['/$default/tasks', ['$default', '/$default/tasks']],
    ['//edge/tasks', ['$default', '//edge/tasks']],
  ])('take %s where API Gateway does', (path, expected) => {
    expect(find(path)).toEqual(expected);
  });

  it('take nothing but what names one where there is no default', () => {
    expect([find('/tasks', stages.slice(1)), find('/edge/tasks', stages.slice(1))]).toEqual([
      undefined,
      ['edge', '/tasks'],
    ]);
  });
});

describe('the throttle', () => {
  it('lets a burst pass, then the rate', () => {
    let now = 0;
    const bucket = new TokenBucket(10, 2, () => now);
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
    now = 100;
    expect([bucket.take(), bucket.take()]).toEqual([true, false]);
    now = 10_000;
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
  });
});

describe('the CORS headers', () => {
  const cors = {
    AllowOrigins: ['http://localhost:1'],
    AllowMethods: ['GET'],
    ExposeHeaders: ['etag'],
    MaxAge: 60,
  };
  function headersFor(method: string, headers: Record<string, string>): Record<string, string> {
    return corsHeaders(cors, { method, headers } as unknown as IncomingMessage);
  }

  it('answer a listed origin only', () => {
    expect(headersFor('GET', { origin: 'http://localhost:1' })).toEqual({
      'access-control-allow-origin': 'http://localhost:1',
      'access-control-expose-headers': 'etag',
      vary: 'Origin',
    });
    expect(headersFor('GET', { origin: 'http://localhost:2' })).toEqual({});
    expect(headersFor('GET', {})).toEqual({});
  });

  it('tell a preflight what is allowed', () => {
    const preflight = { origin: 'http://localhost:1', 'access-control-request-method': 'GET' };
    expect(headersFor('OPTIONS', preflight)).toMatchObject({
      'access-control-allow-methods': 'GET',
      'access-control-max-age': '60',
    });
  });
});

it('the challenge of a 401 comes under the name that AWS gives it', () => {
  expect(outgoingHeaders({ 'WWW-Authenticate': 'Bearer', ETag: '"1"', Connection: 'close' }, [])).toEqual({
    'x-amzn-remapped-www-authenticate': 'Bearer',
    etag: '"1"',
  });
});
