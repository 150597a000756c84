import { readBucketContent } from '../edge/bucket-content.ts';
import type { Distribution } from '../edge/distribution.ts';
import { readDistribution } from '../edge/distribution.ts';
import type { StreamServers } from '../servers/stream-servers.ts';
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

/** The domain names that AWS would give the endpoints; in lower case, as a browser sends them. */
export type EndpointDomains = Readonly<Record<'httpApi' | 'stream' | 'webSocketApi', string>>;

/** Everything of a stack that answers on the internet. */
export interface Endpoints {
  readonly httpApi: Serve;
  readonly stream: Serve;
  readonly webSocketApi: Serve;
  /** The domain names that AWS would give them. */
  readonly domains: EndpointDomains;
  /** Domain name → what answers there, past the edge. */
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
 * @param servers what hosts the streams, where no function does.
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
  servers: StreamServers | undefined,
  { distribution, signature }: EdgeParts,
): Endpoints {
  const api = { ...readHttpApi(template, functions), platform };
  const url =
    servers === undefined
      ? { ...readFunctionUrl(template, functions, signature), holdChunksBelow, traffic }
      : undefined;
  const httpApi: Serve = serveHttpApi.bind(undefined, api);
  const stream: Serve = url === undefined ? servers!.serving(traffic) : serveFunctionUrl.bind(undefined, url);
  const socketApi = readWebSocketApi(template, functions);
  const { serve: webSocketApi } = new SocketServer({ ...sockets, api: socketApi, traffic, platform });
  const domains = {
    httpApi: `${api.apiId}.execute-api.${localRegion}.amazonaws.com`.toLowerCase(),
    stream: (url ?? servers!).domain.toLowerCase(),
    webSocketApi: socketApi.domain.toLowerCase(),
  };
  const byDomain = new Map([
    [domains.httpApi, httpApi],
    [domains.stream, stream],
    [domains.webSocketApi, webSocketApi],
  ]);
  const edge =
    distribution &&
    signature &&
    createEdge({ distribution, signature, origins: new Map([...byDomain, ...serveBuckets(template)]) });
  return { httpApi, stream, webSocketApi, domains, byDomain, edge };
}

/** The template's distribution, and how its requests are known. */
export interface EdgeParts {
  readonly distribution: Distribution | undefined;
  readonly signature: EdgeSignature | undefined;
}

/** @throws {CommandError} as `readDistribution`. */
export function readEdge(template: StackTemplate): EdgeParts {
  const distribution = readDistribution(template);
  return { distribution, signature: distribution && new EdgeSignature(distribution.arn) };
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
