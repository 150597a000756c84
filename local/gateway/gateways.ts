import { readApiPermissions } from './api-permissions.ts';
import { apisOf, integrationsOf, partsOf, throttleOf } from './api-parts.ts';
import type { StageProperties } from './api-parts.ts';
import type { EdgeSignature } from '../edge/signature.ts';
import type { FunctionUrl } from './function-url.ts';
import type { LocalFunction } from '../functions/functions.ts';
import type { CorsSettings } from './cors.ts';
import type { HttpApi } from './http-api.ts';
import { CommandError } from '../../commands/command-error.ts';
import { localRegion } from '../template/stack-template.ts';
import type { StackTemplate } from '../template/stack-template.ts';
import { readUrlPermissions } from './url-permissions.ts';

interface RouteProperties {
  readonly ApiId: string;
  readonly RouteKey: string;
  readonly Target?: string;
  readonly AuthorizationType?: string;
}

interface UrlProperties {
  readonly AuthType: string;
  readonly InvokeMode?: string;
  readonly TargetFunctionArn: string;
  readonly Cors?: CorsSettings;
}

/**
 * Reads the template's HTTP API: routes, integrations, stages, which routes may be invoked by which, CORS and throttles.
 * @throws {CommandError} when there is not exactly one API, or for a form that the local stack does not serve.
 */
export function readHttpApi(template: StackTemplate, functions: readonly LocalFunction[]): HttpApi {
  const apis = apisOf(template, 'HTTP');
  const [api] = apis;
  if (api === undefined || apis.length !== 1) {
    throw new CommandError(`the template has ${apis.length} HTTP APIs; the local stack serves exactly one`);
  }
  const apiId = template.physicalName(api.logicalId);
  const integrations = integrationsOf(template, apiId, functions, '2.0');
  const mayInvoke = readApiPermissions(template);
  const routes = partsOf(template, apiId, 'AWS::ApiGatewayV2::Route').map(({ logicalId, properties }) => {
    const { RouteKey, Target, AuthorizationType } = properties as unknown as RouteProperties;
    const target = integrations.get(Target ?? '');
    if (target === undefined) throw new CommandError(`route ${logicalId} has no integration that is known`);
    if ((AuthorizationType ?? 'NONE') !== 'NONE') {
      throw new CommandError(
        `route ${logicalId} has an authorizer, which the local stack does not understand`,
      );
    }
    return { routeKey: RouteKey, target };
  });
  const stages = partsOf(template, apiId, 'AWS::ApiGatewayV2::Stage').map(({ properties }) => {
    const settings = properties as unknown as StageProperties;
    const { StageName: stage } = settings;
    return {
      name: stage,
      routes: routes.map(({ routeKey, target: { process, arn: functionArn } }) => ({
        routeKey,
        target: { process, mayInvoke: mayInvoke({ apiId, stage, routeKey, functionArn }) },
      })),
      throttle: throttleOf(settings),
    };
  });
  return { apiId, stages, cors: api.properties.CorsConfiguration as CorsSettings | undefined };
}

/**
 * Reads the template's Function URL, and who may call it.
 * @param signature that of the edge, if there is one.
 * @throws {CommandError} when there is not exactly one, or when it does not stream.
 */
export function readFunctionUrl(
  template: StackTemplate,
  functions: readonly LocalFunction[],
  signature: EdgeSignature | undefined,
): FunctionUrl {
  const urls = template.resourcesOfType('AWS::Lambda::Url');
  const [url] = urls;
  if (url === undefined || urls.length !== 1) {
    throw new CommandError(
      `the template has ${urls.length} Function URLs; the local stack serves exactly one`,
    );
  }
  const { AuthType, InvokeMode, TargetFunctionArn, Cors } = url.properties as unknown as UrlProperties;
  const target = functions.find(({ arn }) => arn === TargetFunctionArn);
  if (!['NONE', 'AWS_IAM'].includes(AuthType) || InvokeMode !== 'RESPONSE_STREAM' || target === undefined) {
    throw new CommandError(
      `Function URL ${url.logicalId} is not of type NONE or AWS_IAM with RESPONSE_STREAM`,
    );
  }
  const urlId = template.physicalName(url.logicalId);
  return {
    urlId,
    domain: `${urlId}.lambda-url.${localRegion}.on.aws`,
    cors: Cors,
    target: target.process,
    admits: admission(AuthType, readUrlPermissions(template, target.arn), signature),
  };
}

function admission(
  authType: string,
  mayCall: (caller: string) => boolean,
  signature: EdgeSignature | undefined,
): FunctionUrl['admits'] {
  if (authType === 'NONE') {
    const anybody = mayCall('*');
    return () => anybody;
  }
  const edge = signature !== undefined && mayCall(signature.distributionArn) ? signature : undefined;
  return (authorization) => edge !== undefined && authorization === edge.authorization;
}
