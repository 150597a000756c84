import { CommandError } from '../../commands/command-error.ts';
import type { LocalFunction } from '../functions/functions.ts';
import type { FunctionProcess } from '../functions/function-process.ts';
import { readApiPermissions } from '../gateway/api-permissions.ts';
import { apisOf, integrationsOf, partsOf, throttleOf } from '../gateway/api-parts.ts';
import type { StageProperties } from '../gateway/api-parts.ts';
import type { TokenBucket } from '../gateway/token-bucket.ts';
import type { StackTemplate } from '../template/stack-template.ts';
import { readSocketAddress } from './socket-address.ts';
import type { SocketAddress } from './socket-address.ts';

/** A function behind a route. */
export interface SocketRoute {
  readonly process: FunctionProcess;
  /** Whether the function's policy lets the API invoke it for this route. */
  readonly mayInvoke: boolean;
}

/** A WebSocket API with its one stage. */
export interface WebSocketApi extends SocketAddress {
  /** By their keys, such as `$connect`. */
  readonly routes: ReadonlyMap<string, SocketRoute>;
  readonly throttle: TokenBucket;
}

/** The only way to a route that the local stack goes: by a member of the message. */
const selection = '$request.body.action';

/**
 * Reads the template's WebSocket API: routes, the functions behind them, what may invoke them, and its throttle.
 * @throws {CommandError} for a form that the local stack does not serve.
 */
export function readWebSocketApi(template: StackTemplate, functions: readonly LocalFunction[]): WebSocketApi {
  const address = readSocketAddress(template);
  const { apiId, stage } = address;
  const [api] = apisOf(template, 'WEBSOCKET');
  if (api?.properties['RouteSelectionExpression'] !== selection)
    throw new CommandError(`the WebSocket API ${api?.logicalId} must find its routes by ${selection}`);
  const mayInvoke = readApiPermissions(template);
  const integrations = integrationsOf(template, apiId, functions, undefined);
  const routes = partsOf(template, apiId, 'AWS::ApiGatewayV2::Route').map(({ logicalId, properties }) => {
    const { RouteKey, Target, AuthorizationType, RouteResponseSelectionExpression } = properties;
    const target = integrations.get(String(Target));
    if (target === undefined) throw new CommandError(`route ${logicalId} has no integration that is known`);
    if ((AuthorizationType ?? 'NONE') !== 'NONE' || RouteResponseSelectionExpression !== undefined) {
      throw new CommandError(
        `route ${logicalId} has an authorizer or a response, which the local stack does not understand`,
      );
    }
    const routeKey = String(RouteKey);
    const { process, arn: functionArn } = target;
    return [routeKey, { process, mayInvoke: mayInvoke({ apiId, stage, routeKey, functionArn }) }] as const;
  });
  const [settings] = partsOf(template, apiId, 'AWS::ApiGatewayV2::Stage');
  return {
    ...address,
    routes: new Map(routes),
    throttle: throttleOf(settings!.properties as unknown as StageProperties),
  };
}

/** The route of a message: that of its action, else `$default`; undefined where there is none. */
export function routeOf(
  { routes }: Pick<WebSocketApi, 'routes'>,
  text: string,
): { readonly routeKey: string; readonly route: SocketRoute } | undefined {
  const action = actionOf(text);
  for (const routeKey of [action, '$default']) {
    const route = routeKey === undefined ? undefined : routes.get(routeKey);
    if (routeKey !== undefined && route !== undefined) return { routeKey, route };
  }
  return undefined;
}

/** What a message names as its action. The routes of the connection itself are no actions. */
function actionOf(text: string): string | undefined {
  try {
    const message = JSON.parse(text) as { readonly action?: unknown } | null;
    const action = message?.action;
    return typeof action === 'string' && !action.startsWith('$') ? action : undefined;
  } catch {
    return undefined;
  }
}
