import { describe, expect, test } from '@jest/globals';
import { stageConfig } from '../../lib/stage-validation.ts';
import { devTemplate } from './synthesized.ts';

const oidc = {
  kind: 'oidc',
  issuer: 'https://login.example.com',
  audience: 'board',
  jwksUri: 'https://login.example.com/keys',
};

describe('settings that work', () => {
  test('are those of the stage, with what is replaced', () => {
    expect(stageConfig('dev', { dev: { sessionSeconds: 60 } })).toEqual({
      ...stageConfig('dev'),
      sessionSeconds: 60,
    });
    expect(stageConfig('dev', { dev: { identity: oidc } }).identity).toEqual(oidc);
  });

  test('of another stage change nothing', () => {
    expect(stageConfig('local', { dev: { sessionSeconds: 60 } })).toEqual(stageConfig('local'));
  });
});

describe('settings that cannot work are refused by the key, with what to give', () => {
  test.each([
    [
      'a number out of range',
      { sessionSeconds: 900 },
      'sessionSeconds is 900; give a whole number from 10 to 870',
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
    ['no origin', { allowedOrigins: [] }, 'allowedOrigins is empty; list the origin'],
    ['an empty claim', { adminValue: '' }, 'adminValue is ""; give a non-empty string'],
    ['a missing value', { adminValue: undefined }, 'adminValue is missing; give a non-empty string'],
    ['crossed polls', { pollMinMs: 2_000 }, 'pollMinMs is above pollMaxMs'],
    ['crossed retries', { retryMaxMs: 1 }, 'retryMinMs is above retryMaxMs'],
    ['no room for a ping', { sessionSeconds: 10 }, 'heartbeatSeconds is not below sessionSeconds'],
    ['a history too short', { historySeconds: 100 }, 'historySeconds is below sessionSeconds'],
    ['no identity', { identity: 'cognito' }, 'identity.kind is missing or unknown'],
    ['an identity of no kind', { identity: { kind: 'ldap' } }, 'give one of cognito, oidc, local'],
    ['an open issuer', { identity: { ...oidc, issuer: 'http://a.example' } }, 'identity.issuer is "http:'],
    ['half an issuer', { identity: { kind: 'oidc' } }, 'identity.issuer is missing; give an https URL'],
    ['too much identity', { identity: { kind: 'cognito', pool: 'a' } }, 'identity.pool is unknown'],
    ['the local issuer', { identity: { kind: 'local' } }, 'belongs to the stage local'],
    ['a claim that no pool has', { workspaceClaim: 'org' }, 'workspaceClaim must be custom:<name>'],
    ['admins that are no group', { adminClaim: 'role' }, 'adminClaim must be cognito:groups'],
  ])('%s', (_, settings, message) => {
    expect(() => stageConfig('dev', { dev: settings })).toThrow(message);
  });

  test.each([
    ['production', {}, 'stage is "production"; give one of local, dev'],
    [undefined, {}, 'stage is missing; give one of local, dev'],
    ['dev', [], 'stages is not an object'],
    ['dev', { dev: 5 }, 'stages.dev is not an object'],
    ['dev', { prod: {} }, 'stages.prod is no stage; use one of local, dev'],
    ['local', { local: { allowedOrigins: ['https://a.example'] } }, 'allowedOrigins must be empty'],
  ])('stage %j with stages %j', (stage, replacements, message) => {
    expect(() => stageConfig(stage, replacements)).toThrow(message);
  });
});

test('the app ends with that one line', async () => {
  await expect(devTemplate({ sessionSeconds: 0 })).rejects.toThrow(
    /^stages\.dev: sessionSeconds is 0; give a whole number from 10 to 870\n$/,
  );
});
