import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FunctionProcess } from '../../local/functions/function-process.ts';
import { splitUrl } from '../../local/gateway/http-event.ts';
import { TokenBucket } from '../../local/gateway/token-bucket.ts';
import { takeUpgrades } from '../../local/gateway/upgrades.ts';
import { SocketRegistry } from '../../local/websocket/socket-registry.ts';
import { SocketServer } from '../../local/websocket/socket-server.ts';
import { TestTimers } from './test-timers.ts';

/** An event as the function of a test looks at it. */
export interface SeenEvent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, string[]>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly requestContext: Readonly<Record<string, unknown>> & {
    readonly eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
    readonly routeKey: string;
    readonly connectionId: string;
  };
}

export interface SocketGatewayOptions {
  /** What the function does with an event; 200 when it is left out. */
  readonly answer?: (event: SeenEvent) => unknown;
  /** Routes that the function may not be invoked for. */
  readonly forbidden?: readonly string[];
  /** Routes besides or instead of the three. */
  readonly routeKeys?: readonly string[];
  readonly throttle?: TokenBucket;
}

export const address = {
  apiId: 'api',
  domain: 'api.execute-api.us-east-1.amazonaws.com',
  stage: 'ws',
} as const;

/** A WebSocket API on a port of its own, with a function in the test's process and a clock in its hand. */
export async function startSocketGateway(options: SocketGatewayOptions = {}) {
  const {
    answer = () => ({ statusCode: 200 }),
    forbidden = [],
    throttle = new TokenBucket(1e6, 1e6),
  } = options;
  const { routeKeys = ['$connect', '$disconnect', '$default'] } = options;
  const timers = new TestTimers();
  const registry = new SocketRegistry();
  const events: SeenEvent[] = [];
  const waiters: Array<{ readonly type: string; readonly found: (event: SeenEvent) => void }> = [];
  const process = {
    invokeBuffered: async (event: SeenEvent) => {
      events.push(event);
      for (const { type, found } of waiters.splice(0)) {
        if (type === event.requestContext.eventType) found(event);
        else waiters.push({ type, found });
      }
      return answer(event);
    },
  } as unknown as FunctionProcess;
  const routes = new Map(
    routeKeys.map((routeKey) => [routeKey, { process, mayInvoke: !forbidden.includes(routeKey) }]),
  );
  const sockets = new SocketServer({ api: { ...address, routes, throttle }, registry, timers });
  const listener: Parameters<typeof takeUpgrades>[1] = (request, response) => {
    void sockets.serve(request, response, splitUrl(request.url ?? '/').path);
  };
  const server = createServer(listener);
  const breakOff = takeUpgrades(server, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `ws://127.0.0.1:${port}/ws`,
    timers,
    registry,
    /** All events so far. */
    events,
    /** The first event of a type, which may have come already. */
    event: (type: SeenEvent['requestContext']['eventType']): Promise<SeenEvent> => {
      const came = events.find(({ requestContext }) => requestContext.eventType === type);
      if (came !== undefined) return Promise.resolve(came);
      return new Promise((found) => waiters.push({ type, found }));
    },
    close: async (): Promise<void> => {
      const closed = new Promise((resolve) => server.close(resolve));
      breakOff();
      server.closeAllConnections();
      await closed;
    },
  };
}
