import type { StageConfig } from './stage-schema.ts';

/**
 * Regions without Function URLs, and so without streams.
 * Source: "Creating and managing Lambda function URLs", Lambda developer guide, November 2026. Of response streaming
 * AWS says only that it is not everywhere: "AWS Capabilities by Region", AWS Builder Center.
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
export function checkTogether(config: StageConfig): string | undefined {
  if (
    config.streamHost !== 'container' &&
    regionsWithoutFunctionUrls.has(config.region) &&
    config.regionHasFunctionUrls !== true
  )
    return `region ${config.region} has no Lambda Function URLs, which streams need; take another, or set regionHasFunctionUrls to true if AWS has brought them there since`;
  if (config.pollMinMs > config.pollMaxMs) return 'pollMinMs is above pollMaxMs; lower it or raise pollMaxMs';
  if (config.retryMinMs > config.retryMaxMs)
    return 'retryMinMs is above retryMaxMs; lower it or raise retryMaxMs';
  if (config.connectionsPerUser > config.connectionsPerWorkspace)
    return 'connectionsPerUser is above connectionsPerWorkspace; lower it, else one user can fill the workspace';
  const polled = mostPolledStreams(config.pollMinMs);
  // On the local stack, and where a process has many, the streams of a workspace share processes, and their polls.
  if (config.name !== 'local' && config.streamHost === 'function' && config.connectionsPerWorkspace > polled)
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
