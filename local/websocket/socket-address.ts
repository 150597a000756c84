import { CommandError } from '../../commands/command-error.ts';
import { localRegion } from '../template/stack-template.ts';
import type { StackTemplate } from '../template/stack-template.ts';

/** Where the WebSocket API of a template is. */
export interface SocketAddress {
  readonly apiId: string;
  /** The name that AWS would give it. */
  readonly domain: string;
  /** The first part of the path. */
  readonly stage: string;
}

/**
 * Finds the template's WebSocket API.
 * @throws {CommandError} unless there is exactly one, with one stage.
 */
export function readSocketAddress(template: StackTemplate): SocketAddress {
  const [api, ...others] = template
    .resourcesOfType('AWS::ApiGatewayV2::Api')
    .filter(({ properties }) => properties['ProtocolType'] === 'WEBSOCKET');
  if (api === undefined || others.length > 0)
    throw new CommandError('the local stack serves exactly one WebSocket API, which the template has not');
  const apiId = template.physicalName(api.logicalId);
  const [stage, ...more] = template
    .resourcesOfType('AWS::ApiGatewayV2::Stage')
    .filter(({ properties }) => properties['ApiId'] === apiId);
  if (stage === undefined || more.length > 0)
    throw new CommandError(`the WebSocket API ${api.logicalId} must have exactly one stage`);
  return {
    apiId,
    domain: `${apiId}.execute-api.${localRegion}.amazonaws.com`,
    stage: String(stage.properties['StageName']),
  };
}

/** An address of an API of the account: its host, and all that follows. */
const apiAddress = /^https:\/\/([\w-]+\.execute-api\.[\w-]+\.amazonaws\.com)(\/.*)?$/;

/** The path of a call about a connection at what the functions know as AWS, where the host is a part of it. */
const callPath = /^\/([^/]+)\/([^/]+)\/(?:@|%40)connections\/([^/]+)$/i;

/**
 * The variables of a function, in which the addresses of APIs lead to what the functions know as AWS: that has one address
 * for all, so the host becomes a part of the path.
 */
export function withLocalApis(
  variables: Readonly<Record<string, string>>,
  awsEndpoint: string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => {
      const [, host, path = ''] = apiAddress.exec(value) ?? [];
      return [name, host === undefined ? value : `${awsEndpoint}/${host}${path}`];
    }),
  );
}

/** The connection that a request is about, and by which host and stage; undefined for another request. */
export function addressedConnection(
  url: string,
): { readonly host: string; readonly stage: string; readonly connectionId: string } | undefined {
  const [, host, stage, id] = callPath.exec(url) ?? [];
  if (host === undefined || stage === undefined || id === undefined) return undefined;
  try {
    return { host, stage, connectionId: decodeURIComponent(id) };
  } catch {
    return undefined;
  }
}
