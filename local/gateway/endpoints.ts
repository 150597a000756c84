import { readBucketContent } from '../edge/bucket-content.ts';
import { readDistribution } from '../edge/distribution.ts';
import { createEdge, serveBucket } from '../edge/edge.ts';
import { EdgeSignature } from '../edge/signature.ts';
import type { Serve } from './serve.ts';
import { serveFunctionUrl } from './function-url.ts';
import type { FunctionUrl } from './function-url.ts';
import type { LocalFunction } from '../functions/functions.ts';
import { readFunctionUrl, readHttpApi } from './gateways.ts';
import { serveHttpApi } from './http-api.ts';
import type { PlatformObserver } from '../metrics/platform-metrics.ts';
import { localRegion } from '../template/stack-template.ts';
import type { StackTemplate } from '../template/stack-template.ts';
import type { TrafficObserver } from './traffic-log.ts';
import { SocketServer } from '../websocket/socket-server.ts';
import type { SocketServerOptions } from '../websocket/socket-server.ts';
import { readWebSocketApi } from '../websocket/web-socket-api.ts';

/** Everything of a stack that answers on the internet. */
export interface Endpoints {
  readonly httpApi: Serve;
  readonly functionUrl: Serve;
  readonly webSocketApi: Serve;
  /** Domain name that AWS would give → what answers there, past the edge. */
  readonly byDomain: ReadonlyMap<string, Serve>;
  /** CloudFront; undefined when the template has no distribution. */
  readonly edge: Serve | undefined;
}

/**
 * Makes the endpoints of the template.
 * @param options `holdChunksBelow`: bytes; smaller chunks of the Function URL's streams wait for the next write. `traffic`
 *   sees what is streamed.
 * @param sockets the open WebSockets, and the clock of their limits.
 * @param platform counts requests and messages.
 * @throws {CommandError} for one that the local stack does not understand.
 */
export function createEndpoints(
  template: StackTemplate,
  functions: readonly LocalFunction[],
  {
    holdChunksBelow,
    traffic,
  }: Pick<FunctionUrl, 'holdChunksBelow'> & { readonly traffic?: TrafficObserver | undefined },
  sockets: Pick<SocketServerOptions, 'registry' | 'timers'>,
  platform: Pick<PlatformObserver, 'request' | 'message'>,
): Endpoints {
  const distribution = readDistribution(template);
  const signature = distribution && new EdgeSignature(distribution.arn);
  const api = { ...readHttpApi(template, functions), platform };
  const url = { ...readFunctionUrl(template, functions, signature), holdChunksBelow, traffic };
  const httpApi: Serve = serveHttpApi.bind(undefined, api);
  const functionUrl: Serve = serveFunctionUrl.bind(undefined, url);
  const socketApi = readWebSocketApi(template, functions);
  const { serve: webSocketApi } = new SocketServer({ ...sockets, api: socketApi, traffic, platform });
  // Host names are compared in lower case, as a browser sends them.
  const byDomain = new Map([
    [`${api.apiId}.execute-api.${localRegion}.amazonaws.com`.toLowerCase(), httpApi],
    [url.domain.toLowerCase(), functionUrl],
    [socketApi.domain.toLowerCase(), webSocketApi],
  ]);
  const edge =
    distribution &&
    signature &&
    createEdge({ distribution, signature, origins: new Map([...byDomain, ...serveBuckets(template)]) });
  return { httpApi, functionUrl, webSocketApi, byDomain, edge };
}

function serveBuckets(template: StackTemplate): [string, Serve][] {
  return template.resourcesOfType('AWS::S3::Bucket').map(({ logicalId }) => {
    const name = template.physicalName(logicalId);
    return [
      `${name}.s3.${localRegion}.amazonaws.com`.toLowerCase(),
      serveBucket(readBucketContent(template, name)),
    ];
  });
}
