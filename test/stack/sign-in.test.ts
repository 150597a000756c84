import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { synthesize } from '../../local/template/synthesize.ts';
import type { Resource } from './synthesized.ts';
import { devTemplate, grants, plain, resource, resources, stageTemplate } from './synthesized.ts';

const pages = 'https://taskwire-staging-AWS::AccountId.auth.us-east-1.amazoncognito.com';
const domain = {
  domain: 'board.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d',
};
const oidc = {
  kind: 'oidc',
  issuer: 'https://login.example.com',
  audience: 'board',
  jwksUri: 'https://login.example.com/keys',
};
const oidcPage = {
  clientId: 'board',
  authorizationEndpoint: 'https://login.example.com/authorize?tenant=a',
  tokenEndpoint: 'https://tokens.example.com/token',
};

/** Gives the sources of a directive of the page's content security policy. */
function policy(template: Template, directive: string): string {
  const { ResponseHeadersPolicyConfig } = resource(template, 'EdgePageHeaders').Properties as {
    ResponseHeadersPolicyConfig: {
      SecurityHeadersConfig: { ContentSecurityPolicy: { ContentSecurityPolicy: unknown } };
    };
  };
  const { ContentSecurityPolicy } = ResponseHeadersPolicyConfig.SecurityHeadersConfig.ContentSecurityPolicy;
  const found = plain(ContentSecurityPolicy)
    .split('; ')
    .find((part) => part.startsWith(`${directive} `));
  return found?.slice(directive.length + 1) ?? '';
}

function returns(template: Template): string[] {
  const { CallbackURLs, LogoutURLs } = resource(template, 'IdentityManagedBrowser').Properties as Record<
    string,
    unknown[]
  >;
  return [CallbackURLs, LogoutURLs].map((urls) => (urls ?? []).map((url) => plain(url)).join(' '));
}

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** Gives what the deploy would write as `/config.json`. */
async function pageSettings(settings: Readonly<Record<string, unknown>>): Promise<unknown> {
  const directory = mkdtempSync(join(tmpdir(), 'taskwire-settings-'));
  directories.push(directory);
  const context = { stage: 'staging', stages: { staging: settings }, checks: false };
  const { exitCode, output } = await synthesize(directory, context);
  if (exitCode !== 0) throw new Error(output);
  const template = Template.fromString(
    readFileSync(join(directory, 'Taskwire-staging.template.json'), 'utf8'),
  );
  const [, { SourceMarkers = [] } = {}] = Object.values(
    resources(template, 'Custom::CDKBucketDeployment'),
  ).map(({ Properties }) => Properties as { SourceMarkers?: Record<string, unknown>[] });
  const asset = readdirSync(directory).find((name) =>
    readdirSafely(join(directory, name)).includes('config.json'),
  );
  let text = readFileSync(join(directory, asset ?? '', 'config.json'), 'utf8');
  for (const [marker, value] of Object.entries(SourceMarkers[0] ?? {})) {
    text = text.replaceAll(marker, plain(value));
  }
  return JSON.parse(text);
}

function readdirSafely(path: string): string[] {
  return path.includes('asset.') && !path.endsWith('.zip') ? readdirSync(path) : [];
}

/** Gives the logical ids on which a resource depends directly. */
function dependencies({ Properties, ...rest }: Resource, known: ReadonlySet<string>): string[] {
  const { DependsOn } = rest as { DependsOn?: string | string[] };
  const text = JSON.stringify(Properties);
  const named = new Set([DependsOn ?? []].flat());
  return [...known].filter(
    (id) => named.has(id) || new RegExp(`"Ref":"${id}"|"Fn::GetAtt":\\["${id}"|\\$\\{${id}[.}]`).test(text),
  );
}

describe('with a managed identity', () => {
  let template: Template;
  beforeAll(async () => {
    template = await stageTemplate('staging');
  });

  it('the client signs users in by a code with PKCE, which needs no secret, and its refresh tokens rotate', () => {
    expect(resource(template, 'IdentityManagedBrowser').Properties).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid', 'profile', 'email'],
      SupportedIdentityProviders: ['COGNITO'],
      EnableTokenRevocation: true,
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 60 },
      // AWS refuses the older way of renewing next to rotation.
      ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH'],
    });
    expect(resource(template, 'IdentityManagedUsers').Properties).toMatchObject({
      UserPoolTier: 'ESSENTIALS',
    });
  });

  it('the login pages have a name of the stage and the account, and a style', () => {
    const [login] = Object.values(resources(template, 'AWS::Cognito::UserPoolDomain'));

    expect(plain(login?.Properties['Domain'])).toBe('taskwire-staging-AWS::AccountId');
    expect(Object.keys(resources(template, 'AWS::Cognito::ManagedLoginBranding'))).toHaveLength(1);
  });

  it('users come back by way of the API, whose function sends them on to the distribution', () => {
    const { Environment } = resource(template, 'EdgeSignInReturnFunction').Properties as {
      Environment: { Variables: Record<string, unknown> };
    };
    const routes = Object.values(resources(template, 'AWS::ApiGatewayV2::Route')).map(
      ({ Properties }) => Properties['RouteKey'],
    );

    expect(returns(template)).toEqual(Array.from({ length: 2 }, () => 'ApiHttpApi.ApiEndpoint/sign-in'));
    expect(plain(Environment.Variables['PAGE_URL'])).toBe('https://EdgeDistribution.DomainName/');
    expect(routes).toContain('GET /sign-in');
  });

  it('with a domain they come straight back to it', async () => {
    const own = await stageTemplate('staging', domain);

    expect(returns(own)).toEqual(['https://board.example.com/', 'https://board.example.com/']);
    expect(Object.keys(resources(own)).filter((id) => id.includes('SignInReturn'))).toEqual([]);
  });

  it('no resource waits for one that waits for it', () => {
    const all = resources(template);
    const known = new Set(Object.keys(all));
    const waits = new Map(Object.entries(all).map(([id, value]) => [id, dependencies(value, known)]));
    const isReached = (from: string, seen = new Set<string>()): Set<string> => {
      for (const next of waits.get(from) ?? []) if (!seen.has(next)) isReached(next, seen.add(next));
      return seen;
    };
    const reached = (name: string): string[] =>
      [...isReached([...known].find((id) => plain({ Ref: id }) === name) ?? '')].map((id) =>
        plain({ Ref: id }),
      );

    // What makes the way back necessary, so that this test sees the chain at all.
    expect(reached('EdgeDistribution')).toEqual(expect.arrayContaining(['IdentityManagedBrowser']));
    expect([...known].filter((id) => isReached(id).has(id))).toEqual([]);
  });

  it('the page may ask the token endpoints and no other address', () => {
    expect(policy(template, 'connect-src')).toBe(`'self' ${pages}/oauth2/token ${pages}/oauth2/revoke`);
  });

  it('the page is told all that it needs, and no secret', async () => {
    await expect(pageSettings({})).resolves.toEqual({
      signIn: 'oidc',
      issuer: 'IdentityManagedUsers.ProviderURL',
      clientId: 'IdentityManagedBrowser',
      scope: 'openid profile email',
      authorizationEndpoint: `${pages}/oauth2/authorize`,
      tokenEndpoint: `${pages}/oauth2/token`,
      revocationEndpoint: `${pages}/oauth2/revoke`,
      endSession: { endpoint: `${pages}/logout`, returnParameter: 'logout_uri' },
      redirectUri: 'ApiHttpApi.ApiEndpoint/sign-in',
      workspaceClaim: 'custom:workspace',
      adminClaim: 'cognito:groups',
      adminValue: 'admin',
    });
  });

  it('the way back may write its own log and nothing else', () => {
    expect(grants(resource(template, 'EdgeSignInReturnRoleDefaultPolicy'))).toEqual([
      'logs:CreateLogStream on EdgeSignInReturnLogs.Arn',
      'logs:PutLogEvents on EdgeSignInReturnLogs.Arn',
    ]);
  });

  it('the login pages have the name that the stage wants', async () => {
    const named = await stageTemplate('staging', {
      identity: { kind: 'cognito', loginPrefix: 'acme-tasks' },
    });
    const [login] = Object.values(resources(named, 'AWS::Cognito::UserPoolDomain'));

    expect(login?.Properties['Domain']).toBe('acme-tasks');
    expect(policy(named, 'connect-src')).toContain('https://acme-tasks.auth.us-east-1.amazoncognito.com');
  });

  it('with the edge off there is no page, and so no login pages', async () => {
    const dev = await devTemplate();

    expect(resources(dev, 'AWS::Cognito::UserPoolDomain')).toEqual({});
    expect(resource(dev, 'IdentityManagedBrowser').Properties).not.toHaveProperty('CallbackURLs');
  });
});

describe('with an issuer that exists already', () => {
  const claims = { workspaceClaim: 'org', adminClaim: 'roles', adminValue: 'owner' };

  it('the page signs in with the client that the settings name', async () => {
    const identity = {
      ...oidc,
      ...oidcPage,
      endSessionEndpoint: 'https://login.example.com/logout',
      scope: 'openid offline_access',
    };
    const template = await stageTemplate('staging', { ...claims, identity });

    expect(policy(template, 'connect-src')).toBe("'self' https://tokens.example.com/token");
    await expect(pageSettings({ ...claims, identity })).resolves.toEqual({
      signIn: 'oidc',
      issuer: oidc.issuer,
      ...oidcPage,
      scope: 'openid offline_access',
      endSession: {
        endpoint: 'https://login.example.com/logout',
        returnParameter: 'post_logout_redirect_uri',
      },
      ...claims,
    });
  });

  it('without a client the page says that nobody can sign in', async () => {
    const template = await stageTemplate('staging', { ...claims, identity: oidc });

    expect(policy(template, 'connect-src')).toBe("'self'");
    await expect(pageSettings({ ...claims, identity: oidc })).resolves.toEqual({ signIn: 'none' });
  });

  it.each([
    ['half a client', { clientId: 'board' }, 'identity.authorizationEndpoint is missing; give it with'],
    [
      'an audience that no ID token has',
      { ...oidcPage, clientId: 'other' },
      'identity.audience must be the clientId',
    ],
    ['endpoints without a client', { scope: 'openid' }, 'identity.scope is for the page only; give'],
    ['scopes without openid', { ...oidcPage, scope: 'email' }, 'give scopes with spaces between, openid'],
    [
      'an endpoint that a policy cannot name',
      { ...oidcPage, tokenEndpoint: 'https://a.example/token;x' },
      'identity.tokenEndpoint is "https://a.example/token;x"; give an https URL without a query',
    ],
    [
      'an open endpoint',
      { ...oidcPage, authorizationEndpoint: 'http://a.example/authorize' },
      'identity.authorizationEndpoint is "http://a.example/authorize"; give an https URL',
    ],
  ])('%s is refused', async (_, page, message) => {
    await expect(stageTemplate('staging', { ...claims, identity: { ...oidc, ...page } })).rejects.toThrow(
      message,
    );
  });
});
