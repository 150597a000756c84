import type { LocalFunction } from '../functions/functions.ts';
import { CommandError } from '../../commands/command-error.ts';
import type { ResolvedResource, StackTemplate } from '../template/stack-template.ts';
import { TokenBucket } from './token-bucket.ts';

interface IntegrationProperties {
  readonly IntegrationType: string;
  readonly IntegrationUri: string;
  readonly PayloadFormatVersion?: string;
}

export interface StageProperties {
  readonly StageName: string;
  readonly DefaultRouteSettings?: {
    readonly ThrottlingRateLimit?: number;
    readonly ThrottlingBurstLimit?: number;
  };
}

/** API Gateway's account limits, which count where the stage has none. */
const accountRate = 10_000;
const accountBurst = 5000;

/** The APIs of a template that are of a protocol: `HTTP` or `WEBSOCKET`. */
export function apisOf(template: StackTemplate, protocol: 'HTTP' | 'WEBSOCKET'): ResolvedResource[] {
  return template
    .resourcesOfType('AWS::ApiGatewayV2::Api')
    .filter(({ properties }) => properties['ProtocolType'] === protocol);
}

/** What of a type belongs to an API. */
export function partsOf(template: StackTemplate, apiId: string, type: string): ResolvedResource[] {
  return template.resourcesOfType(type).filter(({ properties }) => properties['ApiId'] === apiId);
}

/** The throttle of a stage. */
export function throttleOf({ DefaultRouteSettings: settings = {} }: StageProperties): TokenBucket {
  const { ThrottlingRateLimit: rate = accountRate, ThrottlingBurstLimit: burst = accountBurst } = settings;
  return new TokenBucket(rate, burst);
}

/**
 * The functions behind an API, by what its routes call their target.
 * @param payload version of the events' format; undefined where the API has but one.
 * @throws {CommandError} for an integration that is no such function.
 */
export function integrationsOf(
  template: StackTemplate,
  apiId: string,
  functions: readonly LocalFunction[],
  payload: string | undefined,
): ReadonlyMap<string, LocalFunction> {
  return new Map(
    partsOf(template, apiId, 'AWS::ApiGatewayV2::Integration').map(({ logicalId, properties }) => {
      const { IntegrationType, IntegrationUri, PayloadFormatVersion } =
        properties as unknown as IntegrationProperties;
      const target = functions.find(({ arn }) => IntegrationUri.includes(arn));
      if (IntegrationType !== 'AWS_PROXY' || PayloadFormatVersion !== payload || target === undefined) {
        const format = payload === undefined ? '' : ` with payload format ${payload}`;
        throw new CommandError(`integration ${logicalId} is not a function${format}`);
      }
      return [`integrations/${template.physicalName(logicalId)}`, target];
    }),
  );
}
