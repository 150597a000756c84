import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { checkPageClient } from './page-client-validation.ts';
import type { IdentityConfig, StageConfig } from './stage-config.ts';
import { stageNames } from './stage-config.ts';
import { stages } from './stages.ts';

/** The region of CloudFront's certificates, access logs and firewall. */
const edgeRegion = 'us-east-1';

/** A setting that cannot work. The message is one line that names the key and says what to put there. */
export class StageConfigError extends Error {
  override readonly name = 'StageConfigError';
}

type Rule = (value: unknown) => string | undefined;

function wholeNumber(min: number, max: number): Rule {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? undefined
      : `a whole number from ${min} to ${max}`;
}

function oneOf(choices: readonly unknown[]): Rule {
  return (value) => (choices.includes(value) ? undefined : `one of ${choices.join(', ')}`);
}

const text: Rule = (value) =>
  typeof value === 'string' && value.trim() === value && value !== '' ? undefined : 'a non-empty string';

/** A rule that says why it is one. */
function because(rule: Rule, reason: string): Rule {
  return (value) => {
    const wanted = rule(value);
    return wanted === undefined ? undefined : `${wanted}, for ${reason}`;
  };
}

/** For a key that may be left out. */
function optional(rule: Rule): Rule {
  return (value) => (value === undefined ? undefined : rule(value));
}

function matching(pattern: RegExp, wanted: string): Rule {
  return (value) => (typeof value === 'string' && pattern.test(value) ? undefined : wanted);
}

function isUrl(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value);
}

const httpsUrl: Rule = (value) =>
  isUrl(value) && new URL(value).protocol === 'https:' ? undefined : 'an https URL';

/** An address that can stand in a content security policy, which has no place for a query and ends at `;` or `,`. */
const endpointUrl: Rule = (value) =>
  httpsUrl(value) ?? (/[?#;,\s]/.test(String(value)) ? 'an https URL without a query' : undefined);

/**
 * An origin as a browser sends it: scheme, host and port, with nothing after them, and never a wildcard, which AWS refuses
 * together with credentials.
 */
function isOrigin(value: unknown): boolean {
  return isUrl(value) && /^https?:$/.test(new URL(value).protocol) && new URL(value).origin === value;
}

const origins: Rule = (value) =>
  Array.isArray(value) && value.every((origin) => isOrigin(origin))
    ? undefined
    : 'a list of origins such as "https://board.example.com", without path or wildcard';

const emails: Rule = (value) =>
  Array.isArray(value) &&
  value.every((email) => typeof email === 'string' && /^[^\s@]+@[^\s@]+$/.test(email)) &&
  new Set(value).size === value.length
    ? undefined
    : 'a list of e-mail addresses, each once';

/** Source: "CreateUserPoolDomain", Cognito API reference; "Using the Amazon Cognito prefix domain", developer guide. */
const loginPrefix = matching(
  /^(?!.*(aws|amazon|cognito))[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  'lower-case letters, digits and hyphens between them, 63 at most, without aws, amazon or cognito in it',
);

const identityKinds = ['cognito', 'oidc', 'local'] as const satisfies readonly IdentityConfig['kind'][];

const identityRules = {
  cognito: { loginPrefix: optional(loginPrefix) },
  local: { signIn: optional(oneOf(['switch', 'oidc'])) },
  oidc: {
    issuer: httpsUrl,
    audience: text,
    jwksUri: httpsUrl,
    clientId: optional(text),
    authorizationEndpoint: optional(httpsUrl),
    tokenEndpoint: optional(endpointUrl),
    revocationEndpoint: optional(endpointUrl),
    endSessionEndpoint: optional(httpsUrl),
    scope: optional(
      matching(/^([!#-[\]-~]+ )*openid( [!#-[\]-~]+)*$/, 'scopes with spaces between, openid among them'),
    ),
  },
} as const satisfies Record<IdentityConfig['kind'], Record<string, Rule>>;

/** The periods that CloudWatch Logs offers, but for the unlimited one, which CDK writes as 9999. */
const retentionDays = Object.values(RetentionDays).filter((days) => Number(days) < 9_999);

/** Limits that come from AWS are named; the others are what the functions can work with. */
const rules: Readonly<Record<Exclude<keyof StageConfig, 'name' | 'identity'>, Rule>> = {
  account: optional(matching(/^\d{12}$/, 'the 12 digits of an account id, as text')),
  region: matching(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as us-east-1'),
  regionHasFunctionUrls: optional(oneOf([true, false])),
  edge: oneOf(['on', 'off']),
  domain: optional(
    matching(/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, 'a host name in lower case'),
  ),
  certificateArn: optional(
    matching(
      /^arn:aws:acm:us-east-1:\d{12}:certificate\/[\w-]+$/,
      `the ARN of a certificate in ${edgeRegion}, the only region that CloudFront takes them from`,
    ),
  ),
  accessLogs: oneOf([true, false]),
  // The bounds of a rate rule. Source: RateBasedStatement, AWS WAFV2 API reference.
  requestsPerAddress: optional(wholeNumber(10, 2_000_000_000)),
  // The account's own quota is the upper bound, and not known here.
  streamConcurrency: optional(wholeNumber(1, 100_000)),
  connectionsPerUser: because(wholeNumber(1, 200), 'each connect reads those of its user'),
  // A look takes half a read unit, of the 3,000 a second that a partition gives.
  connectionsPerWorkspace: because(
    wholeNumber(1, 10_000),
    'each looks at its item every 2.5 s, and they are in one partition',
  ),
  alarmEmails: emails,
  workspaceClaim: text,
  adminClaim: text,
  adminValue: text,
  tokensWithoutWorkspace: oneOf(['refused', 'default']),
  // Revocations are kept for as long.
  tokenLifeSeconds: wholeNumber(60, 2_592_000),
  allowedOrigins: origins,
  // A Lambda function runs for 900 s at most, and the session needs 30 s of them to end cleanly.
  sessionSeconds: because(wholeNumber(10, 870), 'a Lambda function runs 900 s at most'),
  // The mapping's record age is 5/6 of it, and AWS takes 60 s at least. 30 days bound the table.
  historySeconds: wholeNumber(72, 2_592_000),
  heartbeatSeconds: wholeNumber(1, 25),
  slowReaderSeconds: wholeNumber(1, 300),
  pollMinMs: wholeNumber(1, 60_000),
  pollMaxMs: wholeNumber(1, 60_000),
  retryMinMs: wholeNumber(1, 600_000),
  retryMaxMs: wholeNumber(1, 600_000),
  paddingBytes: wholeNumber(0, 131_072),
  throttleRate: wholeNumber(1, 10_000),
  throttleBurst: wholeNumber(1, 5_000),
  reservedConcurrency: wholeNumber(0, 1_000),
  logRetentionDays: oneOf(retentionDays),
  removalPolicy: oneOf(['destroy', 'retain']),
  pointInTimeRecovery: oneOf([true, false]),
  deletionProtection: oneOf([true, false]),
};

/**
 * Regions without Function URLs, and so without streams.
 * Source: "Creating and managing Lambda function URLs", Lambda developer guide, November 2026. Of response streaming AWS says
 * only that it is not everywhere: "AWS Capabilities by Region", AWS Builder Center.
 */
const regionsWithoutFunctionUrls: ReadonlySet<string> = new Set([
  'ap-east-2',
  'ap-south-2',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-west-1',
  'eu-central-2',
  'eu-south-2',
  'il-central-1',
  'me-central-1',
]);

/**
 * How many streams can read one workspace's log at the fastest poll, each in a process of its own: a partition gives
 * 3,000 read units a second, and a poll takes half a unit.
 * Source: "Best practices for designing and using partition keys effectively", DynamoDB Developer Guide.
 */
function mostPolledStreams(pollMinMs: number): number {
  return Math.floor((3_000 / 0.5) * (pollMinMs / 1_000));
}

/** Orders and combinations that no single key can show. */
function checkTogether(config: StageConfig): string | undefined {
  if (regionsWithoutFunctionUrls.has(config.region) && config.regionHasFunctionUrls !== true)
    return `region ${config.region} has no Lambda Function URLs, which streams need; take another, or set regionHasFunctionUrls to true if AWS has brought them there since`;
  if (config.pollMinMs > config.pollMaxMs) return 'pollMinMs is above pollMaxMs; lower it or raise pollMaxMs';
  if (config.retryMinMs > config.retryMaxMs)
    return 'retryMinMs is above retryMaxMs; lower it or raise retryMaxMs';
  if (config.connectionsPerUser > config.connectionsPerWorkspace)
    return 'connectionsPerUser is above connectionsPerWorkspace; lower it, else one user can fill the workspace';
  const polled = mostPolledStreams(config.pollMinMs);
  // On the local stack the streams of a workspace share one process, and its polls.
  if (config.name !== 'local' && config.connectionsPerWorkspace > polled)
    return `connectionsPerWorkspace is above ${polled}, what one partition of the log can be read by at pollMinMs ${config.pollMinMs} (3,000 units a second, half a unit a poll); lower it or raise pollMinMs`;
  if (config.heartbeatSeconds >= config.sessionSeconds)
    return 'heartbeatSeconds is not below sessionSeconds; lower it, else no ping is ever sent';
  if (config.historySeconds < config.sessionSeconds)
    return 'historySeconds is below sessionSeconds; raise it, else a session outlives what it could resume';
  if ((config.identity.kind === 'local') !== (config.name === 'local'))
    return 'identity.kind "local" belongs to the stage local and to no other; use cognito or oidc';
  if (config.name !== 'local' && config.edge === 'off' && config.allowedOrigins.length === 0)
    return 'allowedOrigins is empty; list the origin of the dashboard, or turn the edge on, which serves it';
  if (config.name === 'production' && config.allowedOrigins.some((origin) => origin.startsWith('http:')))
    return 'allowedOrigins has an http origin, where anybody on the way reads the tokens; give https ones';
  if (config.name === 'production' && config.removalPolicy !== 'retain')
    return 'removalPolicy must be retain on the stage production, or its data goes with the stack; remove it';
  if (config.name === 'production' && !config.pointInTimeRecovery)
    return 'pointInTimeRecovery must be true on the stage production, or a bad write cannot be undone; remove it';
  if (config.identity.kind === 'cognito' && !/^custom:[A-Za-z0-9_]{1,20}$/.test(config.workspaceClaim))
    return 'workspaceClaim must be custom:<name>, 20 letters or digits at most, with identity.kind "cognito"';
  if (config.identity.kind === 'cognito' && config.tokensWithoutWorkspace !== 'refused')
    return 'tokensWithoutWorkspace must be refused with identity.kind "cognito", or users without workspace meet; give each the attribute';
  if (config.identity.kind === 'cognito' && config.adminClaim !== 'cognito:groups')
    return 'adminClaim must be cognito:groups with identity.kind "cognito", where admins are a group';
  // Source: "CreateGroup", Cognito API reference.
  if (config.identity.kind === 'cognito' && !/^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u.test(config.adminValue))
    return 'adminValue must be the name of a group with identity.kind "cognito": 128 characters at most, no spaces';
  return undefined;
}

/** What needs the edge, and what the edge needs. */
function checkEdge(config: StageConfig): string | undefined {
  const { edge, identity, region, domain, certificateArn, accessLogs, requestsPerAddress } = config;
  if (edge === 'off') {
    const needless = Object.entries({ domain, certificateArn, accessLogs, requestsPerAddress }).find(
      ([, value]) => value !== undefined && value !== false,
    );
    if (identity.kind === 'cognito' && identity.loginPrefix !== undefined)
      return 'identity.loginPrefix needs the edge, whose page sends users there; set edge to "on" or remove it';
    return needless && `${needless[0]} needs the edge; set edge to "on" or remove it`;
  }
  if (domain !== undefined && certificateArn === undefined)
    return `certificateArn is missing; give that of a certificate for ${domain} in ${edgeRegion}`;
  if (domain === undefined && certificateArn !== undefined)
    return 'domain is missing; give the name that the certificate is for, or remove certificateArn';
  if (region !== edgeRegion && accessLogs)
    return `accessLogs must be false in ${region}; CloudFront hands its logs over in ${edgeRegion} only`;
  if (region !== edgeRegion && requestsPerAddress !== undefined)
    return `requestsPerAddress must be left out in ${region}; a firewall for CloudFront lives in ${edgeRegion} only`;
  return undefined;
}

/** CloudFront takes a domain once and Cognito a prefix, so the second stage to be deployed with it would fail. */
function checkUnique(
  { name, domain, identity }: StageConfig,
  replacements: Record<string, unknown>,
): string | undefined {
  const own = {
    domain,
    'identity.loginPrefix': identity.kind === 'cognito' ? identity.loginPrefix : undefined,
  };
  for (const [key, value] of Object.entries(own)) {
    const other = stageNames.find(
      (stage) => stage !== name && value !== undefined && valueAt(replacements[stage], key) === value,
    );
    if (other !== undefined)
      return `${key} ${value} is that of the stage ${other} too; give each stage its own`;
  }
  return undefined;
}

/** Gives what stands at a path such as `identity.kind`. */
function valueAt(settings: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), settings);
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkKeys(
  values: Record<string, unknown>,
  known: Readonly<Record<string, Rule>>,
  path: string,
): string | undefined {
  for (const key of Object.keys(values)) {
    if (!Object.hasOwn(known, key))
      return `${path}${key} is unknown; remove it or use one of ${Object.keys(known).join(', ')}`;
  }
  for (const [key, rule] of Object.entries(known)) {
    const wanted = rule(values[key]);
    if (wanted !== undefined) return `${path}${key} is ${shown(values[key])}; give ${wanted}`;
  }
  return undefined;
}

function checkIdentity(identity: unknown): string | undefined {
  const fields: Record<string, unknown> = isObject(identity) ? identity : {};
  const { kind, ...rest } = fields;
  const known = identityKinds.find((name) => name === kind);
  if (known === undefined)
    return `identity.kind is missing or unknown; give one of ${identityKinds.join(', ')}`;
  return checkKeys(rest, identityRules[known], 'identity.');
}

/**
 * Takes the value of the context key `stage` and that of `stages`, an object of replaced settings by the name of
 * the stage, and gives the checked settings of the stage. Throws StageConfigError for a stage, a key or a value
 * that cannot work.
 */
export function stageConfig(stage: unknown, replacements: unknown = {}): StageConfig {
  const name = stageNames.find((known) => known === stage);
  if (name === undefined)
    throw new StageConfigError(`stage is ${shown(stage)}; give one of ${stageNames.join(', ')}`);
  if (!isObject(replacements))
    throw new StageConfigError('stages is not an object; give {"dev": {"key": value}}');
  const stray = Object.keys(replacements).find((key) => !stageNames.some((known) => known === key));
  if (stray !== undefined)
    throw new StageConfigError(`stages.${stray} is no stage; use one of ${stageNames.join(', ')}`);
  const replaced = replacements[name] ?? {};
  if (!isObject(replaced)) throw new StageConfigError(`stages.${name} is not an object; give {"key": value}`);

  const { name: ownName, ...settings } = stages[name];
  const { identity, ...rest } = { ...settings, ...replaced };
  const config: StageConfig = { ...settings, ...replaced, name: ownName };
  const problem =
    checkIdentity(identity) ??
    checkKeys(rest, rules, '') ??
    checkTogether(config) ??
    checkPageClient(config.identity) ??
    checkEdge(config) ??
    checkUnique(config, replacements);
  if (problem !== undefined) throw new StageConfigError(`stages.${name}: ${problem}`);
  return config;
}
