import { Aws, Fn } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { StageConfig } from '../config/stage-schema.ts';
import { removalPolicyOnceCreated } from '../data/data-protection.ts';

/**
 * The throttle of those who come past the edge, requests a second: users on their way back from signing in, and
 * operators.
 */
const directRate = 20;
const directBurst = 100;

/** One stage of the API: `$default` without a name. */
interface ApiStageProps {
  readonly config: StageConfig;
  readonly name?: string;
  /** Steady requests a second, and the burst above them. */
  readonly rate: number;
  readonly burst: number;
}

/** What an access log line holds. No query string and no header, because both can carry a token. */
function accessLogFormat(more: Readonly<Record<string, string>>): AccessLogFormat {
  return AccessLogFormat.custom(
    JSON.stringify({
      requestId: '$context.requestId',
      time: '$context.requestTime',
      sourceIp: '$context.identity.sourceIp',
      method: '$context.httpMethod',
      route: '$context.routeKey',
      ...more,
      status: '$context.status',
      responseBytes: '$context.responseLength',
      latencyMs: '$context.responseLatency',
      integrationLatencyMs: '$context.integrationLatency',
      integrationError: '$context.integrationErrorMessage',
    }),
  );
}

/**
 * Adds the stages of the API. Without the edge it is one, of the whole throttle. With it there are two: whoever knows the
 * API's address and comes past the edge comes by the stage `$default`, which has a small throttle of its own; the edge
 * comes by a stage whose name it alone knows. The name is the last part of the stack's id, which AWS makes and nobody sees
 * without access to the account. A host name would be no secret: it goes over the wire in the clear.
 * @returns what the edge puts before each path to come by its own stage; empty without the edge.
 */
export function addApiStages(scope: Construct, api: HttpApi, config: StageConfig): string {
  const { throttleRate, throttleBurst } = config;
  if (config.edge === 'off') {
    addStage(scope, api, 'Stage', { config, rate: throttleRate, burst: throttleBurst });
    return '';
  }
  addStage(scope, api, 'Stage', {
    config,
    rate: Math.min(directRate, throttleRate),
    burst: Math.min(directBurst, throttleBurst),
  });
  const name = Fn.select(2, Fn.split('/', Aws.STACK_ID));
  addStage(scope, api, 'EdgeStage', { config, name, rate: throttleRate, burst: throttleBurst });
  return `/${name}`;
}

function addStage(
  scope: Construct,
  api: HttpApi,
  id: string,
  { config, name, rate, burst }: ApiStageProps,
): void {
  const accessLog = new LogGroup(scope, name === undefined ? 'AccessLog' : `${id}AccessLog`, {
    retention: config.logRetentionDays,
    removalPolicy: removalPolicyOnceCreated(config),
  });
  new HttpStage(scope, id, {
    httpApi: api,
    stageName: name ?? '$default',
    autoDeploy: true,
    throttle: { rateLimit: rate, burstLimit: burst },
    accessLogSettings: {
      destination: new LogGroupLogDestination(accessLog),
      // The path begins with the name of the stage.
      format: accessLogFormat(name === undefined ? { path: '$context.path' } : {}),
    },
  });
}
