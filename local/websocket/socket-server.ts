import type { IncomingMessage, ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';
import { readFunctionResponse, sendMessage } from '../gateway/function-response.ts';
import type { FunctionResponse } from '../gateway/function-response.ts';
import type { PlatformObserver } from '../metrics/platform-metrics.ts';
import type { Serve } from '../gateway/serve.ts';
import type { TrafficObserver } from '../gateway/traffic-log.ts';
import { upgradeOf } from '../gateway/upgrades.ts';
import type { Upgrade } from '../gateway/upgrades.ts';
import { watchFrames } from './frame-watch.ts';
import type { Ending } from './limits.ts';
import { endings, largestFrame, largestMessage } from './limits.ts';
import { OpenSocket } from './open-socket.ts';
import { connectEvent, disconnectEvent, identityOf, messageEvent, newSocketId } from './socket-event.ts';
import type { SocketFacts } from './socket-event.ts';
import type { SocketRegistry } from './socket-registry.ts';
import type { Timers } from './timers.ts';
import type { WebSocketApi } from './web-socket-api.ts';
import { routeOf } from './web-socket-api.ts';

export interface SocketServerOptions {
  readonly api: WebSocketApi;
  readonly registry: SocketRegistry;
  readonly timers: Timers;
  readonly traffic?: Pick<TrafficObserver, 'socket'> | undefined;
  readonly platform?: Pick<PlatformObserver, 'message'> | undefined;
}

const protocolHeader = 'sec-websocket-protocol';

/** The library, for a handshake at a time: the functions say who is let in. API Gateway compresses no messages. */
const library = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  maxPayload: largestMessage,
  perMessageDeflate: false,
  // What the answer to `$connect` selects; see `#accept`.
  handleProtocols: (_, request) => selected.get(request) ?? false,
});

/** The subprotocol that the answer to `$connect` selects. */
const selected = new WeakMap<IncomingMessage, string>();

/** API Gateway's side of the WebSockets: hands connects, messages and ends to the functions behind the routes. */
export class SocketServer {
  readonly #options: SocketServerOptions;

  constructor(options: SocketServerOptions) {
    this.#options = options;
  }

  /**
   * Serves a request to the API: a handshake, or what must be told that it is none.
   *
   * A handshake is answered once the function of `$connect` has, and with its status unless that is a success.
   * Source: "Manage connected users and client apps: $connect and $disconnect routes", API Gateway developer guide; 502
   * for a function that fails is what clients of deployed APIs see.
   */
  readonly serve: Serve = async (request, response, path) => {
    const { api } = this.#options;
    const upgrade = upgradeOf(request);
    // Without a signature nobody manages connections, and here nobody comes with one.
    if (path.startsWith(`/${api.stage}/@connections/`))
      return sendMessage(response, 403, 'Missing Authentication Token');
    if (path !== `/${api.stage}`) return sendMessage(response, 403, 'Forbidden');
    if (upgrade === undefined) return sendMessage(response, 426, 'Upgrade Required');
    if (!isHandshake(request)) return sendMessage(response, 400, 'Bad Request');
    if (!api.throttle.take()) return sendMessage(response, 429, 'Too Many Requests');
    const route = api.routes.get('$connect');
    if (route !== undefined && !route.mayInvoke) return sendMessage(response, 500, 'Internal Server Error');
    const facts = this.#factsOf(request);
    let answer: FunctionResponse | undefined;
    try {
      const event = connectEvent(facts, request, this.#options.timers.now());
      answer = route && readFunctionResponse(await route.process.invokeBuffered(event));
    } catch {
      // The function's own log has the reason.
      return sendMessage(response, 502, 'Internal server error');
    }
    const status = answer?.statusCode ?? 200;
    if (status < 200 || status > 299) return void response.writeHead(status, { 'content-length': 0 }).end();
    this.#accept({ request, response, upgrade, facts, answer });
  };

  #factsOf(request: IncomingMessage): SocketFacts {
    const { api, timers } = this.#options;
    return {
      apiId: api.apiId,
      stage: api.stage,
      domainName: api.domain,
      connectionId: newSocketId(),
      connectedAt: timers.now(),
      identity: identityOf(request),
    };
  }

  #accept(accepted: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly upgrade: Upgrade;
    readonly facts: SocketFacts;
    readonly answer: FunctionResponse | undefined;
  }): void {
    const { request, response, upgrade, facts, answer } = accepted;
    const { registry, timers, traffic } = this.#options;
    const wanted = Object.entries(answer?.headers ?? {}).find(
      ([name]) => name.toLowerCase() === protocolHeader,
    );
    if (wanted !== undefined) selected.set(request, wanted[1]);
    let socket: OpenSocket | undefined;
    watchFrames(upgrade.socket, largestFrame, () => socket?.end(endings.tooLarge));
    library.handleUpgrade(request, upgrade.socket, upgrade.head, (webSocket) => {
      traffic?.socket(request, response);
      socket = new OpenSocket(webSocket, facts, timers, {
        message: (text) => void this.#message(socket!, text),
        sent: () => this.#options.platform?.message(facts.apiId),
        ended: (ending) => {
          registry.remove(facts.connectionId);
          void this.#disconnected(facts, ending);
        },
      });
      registry.add(socket);
    });
    // Whoever has left meanwhile was connected, to the function.
    if (socket === undefined) void this.#disconnected(facts, { code: 1006, reason: '' });
  }

  /** The function's answer goes nowhere: no route has a response. What the gateway itself has to say does. */
  async #message(socket: OpenSocket, text: string): Promise<void> {
    const { api, timers, platform } = this.#options;
    platform?.message(socket.facts.apiId);
    const found = routeOf(api, text);
    const event = messageEvent(socket.facts, { routeKey: found?.routeKey ?? '$default', text }, timers.now());
    const tell = (message: string): void => {
      const { connectionId, requestId } = event.requestContext;
      socket.send(JSON.stringify({ message, connectionId, requestId }));
    };
    if (found === undefined) return tell('Forbidden');
    if (!api.throttle.take()) return tell('Too Many Requests');
    if (!found.route.mayInvoke) return tell('Internal server error');
    try {
      await found.route.process.invokeBuffered(event);
    } catch {
      tell('Internal server error');
    }
  }

  /** Nobody hears whether it worked: on AWS it is tried once. */
  async #disconnected(facts: SocketFacts, ending: Ending): Promise<void> {
    const { api, timers } = this.#options;
    const route = api.routes.get('$disconnect');
    if (route?.mayInvoke !== true) return;
    try {
      await route.process.invokeBuffered(disconnectEvent(facts, ending, timers.now()));
    } catch {
      // The function's own log has the reason.
    }
  }
}

/** Whether a request for WebSocket is whole. Source: RFC 6455, 4.2.1. */
function isHandshake({ headers }: IncomingMessage): boolean {
  return (
    /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '') &&
    headers['sec-websocket-version'] === '13'
  );
}
