import { stageNames } from '../../lib/config/stage-names.ts';
import { stageConfig } from '../../lib/config/stage-config.ts';
import { devTemplate } from './synthesized.ts';

const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d';

const oidc = {
  kind: 'oidc',
  issuer: 'https://login.example.com',
  audience: 'board',
  jwksUri: 'https://login.example.com/keys',
};

describe('settings that work', () => {
  it('are those of the stage, with what is replaced', () => {
    expect(stageConfig('dev', { dev: { sessionSeconds: 60 } })).toEqual({
      ...stageConfig('dev'),
      sessionSeconds: 60,
    });
    expect(stageConfig('dev', { dev: { identity: oidc } }).identity).toEqual(oidc);
  });

  it.each(stageNames)('are those of %s as they are', (stage) => {
    expect(stageConfig(stage).name).toBe(stage);
  });

  it('let a workspace have as many streams as its log can be read by', () => {
    const slow = { connectionsPerWorkspace: 3_000, pollMinMs: 500 };
    expect(stageConfig('dev', { dev: slow })).toMatchObject(slow);
    // There they share one process.
    expect(stageConfig('local')).toMatchObject({ connectionsPerWorkspace: 1_000, pollMinMs: 5 });
    const shared = { connectionsPerWorkspace: 10_000, streamHost: 'container' };
    expect(stageConfig('staging', { staging: shared })).toMatchObject(shared);
  });

  it('of production keep its data', () => {
    expect(stageConfig('production')).toMatchObject({
      removalPolicy: 'retain',
      pointInTimeRecovery: true,
      deletionProtection: true,
    });
  });

  it('of a stage for one account are those that the account needs', () => {
    const own = {
      account: '123456789012',
      domain: 'a.example.com',
      certificateArn,
      alarmEmails: ['a@b.example'],
    };

    expect(stageConfig('staging', { staging: own })).toMatchObject(own);
  });

  it('of production may lift its protection, to tear it down', () => {
    expect(stageConfig('production', { production: { deletionProtection: false } })).toMatchObject({
      deletionProtection: false,
      removalPolicy: 'retain',
    });
  });

  it('of an issuer of its own name admins as they like', () => {
    const own = {
      identity: oidc,
      workspaceClaim: 'org',
      adminClaim: 'roles',
      adminValue: 'our admins',
      tokensWithoutWorkspace: 'default',
    };
    expect(stageConfig('dev', { dev: own })).toMatchObject(own);
  });

  it('of production and staging keep room for API and fan-out, those of dev suit a new account', () => {
    const kept = (['dev', 'staging', 'production'] as const).map(
      (stage) => stageConfig(stage).reservedConcurrency,
    );

    expect(kept).toEqual([0, 50, 50]);
  });

  it('of a region that AWS has given Function URLs since say so', () => {
    const own = { region: 'eu-central-2', regionHasFunctionUrls: true };

    expect(stageConfig('dev', { dev: own })).toMatchObject(own);
    expect(stageConfig('dev', { dev: { region: 'eu-central-1' } }).region).toBe('eu-central-1');
  });

  it('of another stage change nothing', () => {
    expect(stageConfig('local', { dev: { sessionSeconds: 60 } })).toEqual(stageConfig('local'));
  });
});

describe('settings that cannot work are refused by the key, with what to give', () => {
  it.each([
    [
      'a number out of range',
      { sessionSeconds: 900 },
      'sessionSeconds is 900; give a whole number from 10 to 870, for a Lambda function runs 900 s at most',
    ],
    [
      'more streams for a user than for the workspace',
      { connectionsPerUser: 30, connectionsPerWorkspace: 20 },
      'connectionsPerUser is above connectionsPerWorkspace; lower it, else one user can fill the workspace',
    ],
    [
      'more streams for a workspace than its log can be read by',
      { connectionsPerWorkspace: 1_501 },
      'connectionsPerWorkspace is above 1500, what one partition of the log can be read by at pollMinMs 250 (3,000 units a second, half a unit a poll); lower it or raise pollMinMs',
    ],
    [
      'containers without the edge',
      { streamHost: 'container' },
      'streamHost "container" needs the edge, which alone reaches the load balancer; set edge to "on"',
    ],
    [
      'containers that nothing scales',
      { streamHost: 'container', edge: 'on', metrics: 'off' },
      'streamHost "container" needs metrics, by one of which its tasks are scaled; set metrics to "on"',
    ],
    [
      'a bound of functions for containers',
      { streamHost: 'container', edge: 'on', streamConcurrency: 100 },
      'streamConcurrency bounds functions; remove it, for with streamHost "container" mostTasks is the bound',
    ],
    [
      'more containers at the least than at the most',
      { streamHost: 'container', edge: 'on', leastTasks: 5, mostTasks: 4 },
      'leastTasks is above mostTasks; lower it or raise mostTasks',
    ],
    [
      'one container',
      { streamHost: 'container', edge: 'on', leastTasks: 1 },
      'leastTasks is 1; give a whole number from 2 to 1000, for one of them may go',
    ],
    [
      'memory that Fargate does not have with a part of a processor',
      { streamHost: 'container', edge: 'on', taskMegabytes: 700 },
      'taskMegabytes is 700; give one of 512, 1024, 2048',
    ],
    [
      'more streams than an environment of a Web Function takes',
      { streamHost: 'web-function', streamsPerProcess: 129 },
      'streamsPerProcess is above 128, more than an environment of a Web Function takes; lower it',
    ],
    [
      'more streams for a workspace than can look at their items',
      { connectionsPerWorkspace: 100_000, pollMinMs: 60_000, pollMaxMs: 60_000 },
      'connectionsPerWorkspace is 100000; give a whole number from 1 to 10000, for each may be a process that asks every 2.5 s what must end',
    ],
    [
      'more streams for a user than a connect may read',
      { connectionsPerUser: 201 },
      'connectionsPerUser is 201; give a whole number from 1 to 200, for each connect reads those of its user',
    ],
    [
      'no stream for anybody',
      { connectionsPerUser: 0 },
      'connectionsPerUser is 0; give a whole number from 1',
    ],
    ['a broken number', { heartbeatSeconds: 1.5 }, 'heartbeatSeconds is 1.5; give a whole number'],
    ['a number as text', { pollMinMs: '250' }, 'pollMinMs is "250"; give a whole number'],
    ['an unknown key', { sesionSeconds: 60 }, 'sesionSeconds is unknown; remove it'],
    ['the name', { name: 'local' }, 'name is unknown; remove it'],
    [
      'a retention that is not offered',
      { logRetentionDays: 15 },
      'logRetentionDays is 15; give one of 1, 3, 5',
    ],
    ['unlimited retention', { logRetentionDays: 9_999 }, 'logRetentionDays is 9999; give one of 1, 3, 5'],
    [
      'a policy that does not exist',
      { removalPolicy: 'keep' },
      'removalPolicy is "keep"; give one of destroy',
    ],
    ['any origin', { allowedOrigins: ['*'] }, 'allowedOrigins is ["*"]; give a list of origins'],
    ['an origin with a path', { allowedOrigins: ['https://a.example/'] }, 'give a list of origins'],
    [
      'no origin',
      { allowedOrigins: [] },
      'allowedOrigins is empty; list the origin of the dashboard, or turn',
    ],
    ['an account that is none', { account: '1234' }, 'account is "1234"; give the 12 digits'],
    [
      'a region that is none',
      { region: 'virginia' },
      'region is "virginia"; give a region such as us-east-1',
    ],
    ['an edge that is none', { edge: true }, 'edge is true; give one of on, off'],
    ['a recipient that is none', { alarmEmails: ['ops'] }, 'alarmEmails is ["ops"]; give a list of e-mail'],
    [
      'a recipient twice',
      { alarmEmails: ['ops@a.example', 'ops@a.example'] },
      'alarmEmails is ["ops@a.example","ops@a.example"]; give a list of e-mail addresses, each once',
    ],
    [
      'less than nothing kept',
      { reservedConcurrency: -1 },
      'reservedConcurrency is -1; give a whole number from 0',
    ],
    [
      'a region without Function URLs',
      { region: 'eu-central-2' },
      'region eu-central-2 has no Lambda Function URLs, which streams need; take another, or set regionHasFunctionUrls',
    ],
    ['no room for a stream', { streamConcurrency: 0 }, 'streamConcurrency is 0; give a whole number from 1'],
    [
      'a canary that never runs',
      { canaryMinutes: 0 },
      'canaryMinutes is 0; give a whole number from 1 to 60',
    ],
    ['a gauge of every second', { gaugeMinutes: 1 / 60 }, 'give a whole number from 0 to 60'],
    ['a domain without the edge', { domain: 'a.example.com' }, 'domain needs the edge; set edge to "on"'],
    ['logs without the edge', { accessLogs: true }, 'accessLogs needs the edge; set edge to "on"'],
    ['an empty claim', { adminValue: '' }, 'adminValue is ""; give a non-empty string'],
    ['a missing value', { adminValue: undefined }, 'adminValue is missing; give a non-empty string'],
    ['crossed polls', { pollMinMs: 2_000 }, 'pollMinMs is above pollMaxMs'],
    ['crossed retries', { retryMaxMs: 1 }, 'retryMinMs is above retryMaxMs'],
    ['no room for a ping', { sessionSeconds: 10 }, 'heartbeatSeconds is not below sessionSeconds'],
    ['a history too short', { historySeconds: 100 }, 'historySeconds is below sessionSeconds'],
    ['no identity', { identity: 'cognito' }, 'identity.kind is missing or unknown'],
    ['an identity of no kind', { identity: { kind: 'ldap' } }, 'give one of cognito, oidc, local'],
    ['an open issuer', { identity: { ...oidc, issuer: 'http://a.example' } }, 'identity.issuer is "http:'],
    [
      'an issuer without its keys',
      { identity: { kind: 'oidc', issuer: oidc.issuer, audience: oidc.audience } },
      'identity.jwksUri is missing; give an https URL',
    ],
    ['half an issuer', { identity: { kind: 'oidc' } }, 'identity.issuer is missing; give an https URL'],
    ['too much identity', { identity: { kind: 'cognito', pool: 'a' } }, 'identity.pool is unknown'],
    ['the local issuer', { identity: { kind: 'local' } }, 'belongs to the stage local'],
    ['a claim that no pool has', { workspaceClaim: 'org' }, 'workspaceClaim must be custom:<name>'],
    [
      'users without a workspace in one',
      { tokensWithoutWorkspace: 'default' },
      'tokensWithoutWorkspace must be refused with identity.kind "cognito"',
    ],
    [
      'tokens for ever',
      { tokenLifeSeconds: 1e9 },
      'tokenLifeSeconds is 1000000000; give a whole number from 60 to 2592000',
    ],
    [
      'tickets for ever',
      { ticketSeconds: 86_401 },
      'ticketSeconds is 86401; give a whole number from 60 to 86400',
    ],
    ['a group with a space', { adminValue: 'our admins' }, 'adminValue must be the name of a group'],
    ['a group of a name too long', { adminValue: 'a'.repeat(129) }, 'adminValue must be the name of a group'],
    ['admins that are no group', { adminClaim: 'role' }, 'adminClaim must be cognito:groups'],
  ])('%s', (_, settings, message) => {
    expect(() => stageConfig('dev', { dev: settings })).toThrow(message);
  });

  it.each([
    ['prod', {}, 'stage is "prod"; give one of local, dev, staging, production'],
    [undefined, {}, 'stage is missing; give one of local, dev'],
    ['dev', [], 'stages is not an object'],
    ['dev', { dev: 5 }, 'stages.dev is not an object'],
    ['dev', { prod: {} }, 'stages.prod is no stage; use one of local, dev'],
    [
      'production',
      { production: { allowedOrigins: ['http://a.example'] } },
      'allowedOrigins has an http origin',
    ],
    [
      'production',
      { production: { allowedOrigins: ['*'] } },
      'allowedOrigins is ["*"]; give a list of origins',
    ],
    [
      'production',
      { production: { removalPolicy: 'destroy', deletionProtection: false } },
      'removalPolicy must be retain on the stage production, or its data goes with the stack',
    ],
    [
      'production',
      { production: { pointInTimeRecovery: false } },
      'pointInTimeRecovery must be true on the stage production, or a bad write cannot be undone',
    ],
    ['local', { local: { allowedOrigins: ['*'] } }, 'allowedOrigins is ["*"]; give a list of origins'],
  ])('stage %j with stages %j', (stage, replacements, message) => {
    expect(() => stageConfig(stage, replacements)).toThrow(message);
  });
});

describe('settings of the edge that cannot work are refused', () => {
  it.each([
    ['a domain without certificate', { domain: 'a.example.com' }, 'certificateArn is missing; give that of'],
    ['a certificate without domain', { certificateArn }, 'domain is missing; give the name'],
    [
      'a certificate that CloudFront does not take',
      { domain: 'a.example.com', certificateArn: certificateArn.replace('us-east-1', 'eu-west-1') },
      'give the ARN of a certificate in us-east-1',
    ],
    ['a domain with a scheme', { domain: 'https://a.example.com' }, 'give a host name in lower case'],
    [
      'login pages with a capital letter',
      { identity: { kind: 'cognito', loginPrefix: 'Acme' } },
      'identity.loginPrefix is "Acme"; give lower-case letters, digits and hyphens between them, 63 at most',
    ],
    [
      'login pages in a name of AWS',
      { identity: { kind: 'cognito', loginPrefix: 'my-aws-tasks' } },
      'without aws, amazon or cognito in it',
    ],
    ['logs elsewhere', { region: 'eu-west-1' }, 'accessLogs must be false in eu-west-1'],
    [
      'a firewall elsewhere',
      { region: 'eu-west-1', accessLogs: false, requestsPerAddress: 100 },
      'requestsPerAddress must be left out in eu-west-1',
    ],
    [
      'a firewall that blocks all',
      { requestsPerAddress: 1 },
      'requestsPerAddress is 1; give a whole number from',
    ],
  ])('%s', (_, settings, message) => {
    expect(() => stageConfig('staging', { staging: settings })).toThrow(message);
  });

  it('login pages without the edge', () => {
    const identity = { kind: 'cognito', loginPrefix: 'acme' };
    expect(() => stageConfig('dev', { dev: { identity } })).toThrow('identity.loginPrefix needs the edge');
  });

  it('two stages with one address of login pages', () => {
    const own = { identity: { kind: 'cognito', loginPrefix: 'acme' } };
    expect(() => stageConfig('staging', { staging: own, production: own })).toThrow(
      'identity.loginPrefix acme is that of the stage production too; give each stage its own',
    );
  });

  it('two stages with one domain, whichever is synthesized', () => {
    const own = { domain: 'a.example.com', certificateArn };
    const both = { staging: own, production: own };

    expect(() => stageConfig('staging', both)).toThrow('a.example.com is that of the stage production too');
    expect(() => stageConfig('production', both)).toThrow('a.example.com is that of the stage staging too');
  });
});

it('synth ends with one line about a setting that cannot work', async () => {
  await expect(devTemplate({ sessionSeconds: 0 })).rejects.toThrow(
    /^stages\.dev: sessionSeconds is 0; give a whole number from 10 to 870, for a Lambda function runs 900 s at most\n$/,
  );
});
