import type { Template } from 'aws-cdk-lib/assertions';
import { devTemplate, plain, resource, resources } from './synthesized.ts';

function environment(template: Template): Record<string, string> {
  const { Environment } = resource(template, 'StreamUrlStreamFunction').Properties as {
    Environment: { Variables: Record<string, unknown> };
  };
  return Object.fromEntries(Object.entries(Environment.Variables).map(([key, value]) => [key, plain(value)]));
}

describe('a managed identity', () => {
  let template: Template;
  beforeAll(async () => {
    template = await devTemplate();
  });

  it('is a user pool whose tokens the functions accept', () => {
    expect(environment(template)).toMatchObject({
      JWT_ISSUER: 'IdentityManagedUsers.ProviderURL',
      JWT_JWKS_URI: 'IdentityManagedUsers.ProviderURL/.well-known/jwks.json',
      JWT_AUDIENCE: 'IdentityManagedBrowser',
      WORKSPACE_CLAIM: 'custom:workspace',
      ADMIN_CLAIM: 'cognito:groups',
      ADMIN_VALUE: 'admin',
      TOKEN_LIFE_SECONDS: '86400',
    });
    // A user without the attribute is let into no workspace.
    expect(environment(template)).not.toHaveProperty('DEFAULT_WORKSPACE');
  });

  it('lets no user sign up, and none choose a workspace', () => {
    const { ReadAttributes, WriteAttributes } = resource(template, 'IdentityManagedBrowser').Properties as {
      ReadAttributes: string[];
      WriteAttributes: string[];
    };

    expect(resource(template, 'IdentityManagedUsers').Properties).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    });
    expect(ReadAttributes).toContain('custom:workspace');
    expect(WriteAttributes).toEqual(['email', 'name']);
  });

  it('has a group of admins and a client without a secret', () => {
    expect(resource(template, 'IdentityManagedAdmins').Properties).toMatchObject({ GroupName: 'admin' });
    expect(resource(template, 'IdentityManagedBrowser').Properties).toMatchObject({
      GenerateSecret: false,
      PreventUserExistenceErrors: 'ENABLED',
      ExplicitAuthFlows: [
        'ALLOW_ADMIN_USER_PASSWORD_AUTH',
        'ALLOW_USER_SRP_AUTH',
        'ALLOW_REFRESH_TOKEN_AUTH',
      ],
    });
  });

  it('gives the ids that a client needs, next to the URLs and what operators need', () => {
    const { Outputs } = template.toJSON() as { Outputs: Record<string, { Value: unknown }> };

    expect(
      Object.fromEntries(Object.entries(Outputs).map(([name, { Value }]) => [name, plain(Value)])),
    ).toEqual({
      ApiUrl: 'ApiHttpApi.ApiEndpoint',
      WebSocketUrl: 'wss://SocketsApi.execute-api.us-east-1.AWS::URLSuffix/ws',
      StreamUrl: 'StreamUrlStreamFunctionFunctionUrl.FunctionUrl',
      UserPoolId: 'IdentityManagedUsers',
      UserPoolClientId: 'IdentityManagedBrowser',
      FailedBatchesBucket: 'FanOutFailedBatchesBucket',
      TasksTableName: 'TasksTable',
      EventsTableName: 'EventsTable',
      SocketsEndpoint: 'https://SocketsApi.execute-api.us-east-1.AWS::URLSuffix/ws',
      ConnectionsTableName: 'ConnectionsTable',
      HistorySeconds: '86400',
    });
  });
});

it('an issuer that exists already is taken as it is', async () => {
  const template = await devTemplate({
    identity: {
      kind: 'oidc',
      issuer: 'https://login.example.com/',
      audience: 'board',
      jwksUri: 'https://login.example.com/keys',
    },
    workspaceClaim: 'org',
    adminClaim: 'roles',
    adminValue: 'owner',
    tokensWithoutWorkspace: 'default',
    tokenLifeSeconds: 600,
  });

  expect(environment(template)).toMatchObject({
    JWT_ISSUER: 'https://login.example.com/',
    JWT_AUDIENCE: 'board',
    JWT_JWKS_URI: 'https://login.example.com/keys',
    WORKSPACE_CLAIM: 'org',
    ADMIN_CLAIM: 'roles',
    ADMIN_VALUE: 'owner',
    TOKEN_LIFE_SECONDS: '600',
    DEFAULT_WORKSPACE: 'default',
  });
  expect(resources(template, 'AWS::Cognito::UserPool')).toEqual({});
});
