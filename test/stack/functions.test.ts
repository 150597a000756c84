import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { localAssembly, localTemplate, plain, resource, resources } from './synthesized.ts';

const template = localTemplate();
const functions = resources(template, 'AWS::Lambda::Function');

const verifier = {
  TOKEN_HEADER: 'authorization',
  JWT_ISSUER: 'http://localhost:LocalPort/issuer',
  JWT_AUDIENCE: 'taskwire-local',
  JWT_JWKS_URI: 'http://localhost:LocalPort/issuer/.well-known/jwks.json',
  WORKSPACE_CLAIM: 'workspace',
  ADMIN_CLAIM: 'groups',
  ADMIN_VALUE: 'admin',
  TOKEN_LIFE_SECONDS: '2592000',
  DEFAULT_WORKSPACE: 'default',
};

const session = {
  SESSION_SECONDS: '300',
  CONNECTIONS_PER_USER: '20',
  CONNECTIONS_PER_WORKSPACE: '1000',
  HEARTBEAT_SECONDS: '15',
  SLOW_READER_SECONDS: '30',
  POLL_MIN_MS: '5',
  POLL_MAX_MS: '20',
  PADDING_BYTES: '0',
  RETRY_MIN_MS: '200',
  RETRY_MAX_MS: '600',
};

describe('every function', () => {
  it('runs on Node 24 on arm64, logs JSON and has readable stack traces', () => {
    expect(Object.keys(functions)).toHaveLength(6);
    for (const { Properties } of Object.values(functions)) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: expect.any(String) } },
        Environment: { Variables: { NODE_OPTIONS: '--enable-source-maps' } },
      });
    }
  });

  it('has a log group of its own, and each log group an end', () => {
    const used = Object.values(functions).map(({ Properties }) =>
      JSON.stringify(Properties['LoggingConfig']),
    );

    expect(new Set(used).size).toBe(6);
    for (const { Properties } of Object.values(resources(template, 'AWS::Logs::LogGroup'))) {
      expect(Properties).toEqual({ RetentionInDays: 14 });
    }
  });

  it('has a role of its own, without managed policies', () => {
    const roles = Object.values(resources(template, 'AWS::IAM::Role'));
    const used = Object.values(functions).map(({ Properties }) => plain(Properties['Role']));

    expect(new Set(used).size).toBe(6);
    expect(roles).toHaveLength(6);
    for (const { Properties } of roles) {
      expect(Object.keys(Properties)).toEqual(['AssumeRolePolicyDocument']);
    }
  });
});

const socketsEndpoint = 'https://SocketsApi.execute-api.AWS::Region.AWS::URLSuffix/ws';

it.each([
  [
    'ApiTasksFunction',
    29,
    {
      ...verifier,
      PUSH_FUNCTION: 'PushFunction',
      TASKS_TABLE: 'TasksTable',
      CONNECTIONS_TABLE: 'ConnectionsTable',
      EVENTS_TABLE: 'EventsTable',
    },
  ],
  [
    'ApiConnectionsFunction',
    29,
    {
      ...verifier,
      CONNECTIONS_TABLE: 'ConnectionsTable',
      SOCKETS_ENDPOINT: socketsEndpoint,
      TICKET_SECONDS: '900',
    },
  ],
  [
    'SocketsWebsocketFunction',
    29,
    {
      ...verifier,
      EVENTS_TABLE: 'EventsTable',
      CONNECTIONS_TABLE: 'ConnectionsTable',
      PUSH_FUNCTION: 'PushFunction',
      TASKS_TABLE: 'TasksTable',
      SOCKETS_ENDPOINT: socketsEndpoint,
      CONNECTIONS_PER_USER: '20',
      CONNECTIONS_PER_WORKSPACE: '1000',
    },
  ],
  [
    'FanOutFanoutFunction',
    60,
    {
      EVENTS_TABLE: 'EventsTable',
      CONNECTIONS_TABLE: 'ConnectionsTable',
      PUSH_FUNCTION: 'PushFunction',
      HISTORY_SECONDS: '86400',
    },
  ],
  [
    'PushFunction',
    30,
    {
      EVENTS_TABLE: 'EventsTable',
      CONNECTIONS_TABLE: 'ConnectionsTable',
      SOCKETS_ENDPOINT: socketsEndpoint,
    },
  ],
  [
    'StreamUrlStreamFunction',
    330,
    {
      ...verifier,
      ...session,
      EVENTS_TABLE: 'EventsTable',
      CONNECTIONS_TABLE: 'ConnectionsTable',
      TASKS_TABLE: 'TasksTable',
      SOCKETS_ENDPOINT: socketsEndpoint,
    },
  ],
])('%s runs for %d s at most and has its environment', (name, seconds, expected) => {
  const { Timeout, Environment } = resource(template, name).Properties as {
    Timeout: number;
    Environment: { Variables: Record<string, unknown> };
  };
  const { NODE_OPTIONS: _, ...variables } = Environment.Variables;

  expect(Timeout).toBe(seconds);
  expect(Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, plain(value)]))).toEqual({
    POWERTOOLS_SERVICE_NAME: expect.stringMatching(/^(tasks|connections|websocket|fanout|push|stream)$/),
    POWERTOOLS_METRICS_NAMESPACE: 'Taskwire/local',
    POWERTOOLS_METRICS_DISABLED: 'false',
    LOG_SAMPLE_PERCENT: '1',
    ...expected,
  });
});

describe('every bundle', () => {
  const bundles = Object.values(functions).map(({ Properties }) => {
    const { Code } = Properties as { Code: { S3Key: string } };
    return join(localAssembly(), `asset.${Code.S3Key.replace('.zip', '')}`);
  });

  it('is an ES module that needs nothing but Node', () => {
    for (const directory of bundles) {
      const source = readFileSync(join(directory, 'index.mjs'), 'utf8');
      const imported = [...source.matchAll(/\bfrom\s*["']([\w@:/.-]+)["']/g)].map(
        ([, specifier = '']) => specifier,
      );

      expect(imported).toContain('node:crypto');
      expect(imported.filter((specifier) => !isBuiltin(specifier))).toEqual([]);
      // What esbuild leaves where a CommonJS module requires one of Node's at run time, which fails in a module.
      expect(source).not.toContain('Dynamic require of');
    }
  });

  it('has a source map without the sources and without a path of this machine', () => {
    for (const directory of bundles) {
      const map = JSON.parse(readFileSync(join(directory, 'index.mjs.map'), 'utf8')) as Record<
        string,
        unknown
      >;

      expect(map).not.toHaveProperty('sourcesContent');
      expect(map['sources']).toEqual(
        expect.arrayContaining([expect.stringMatching(/^\.\.\/\.\.\/\.\.\/lambdas\//)]),
      );
    }
  });
});
