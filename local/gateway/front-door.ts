import { paths } from '../../protocol/routes.ts';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Endpoints } from './endpoints.ts';
import type { Serve } from './serve.ts';
import { splitUrl } from './http-event.ts';
import type { PageFile } from './page.ts';
import { sendFile } from './page.ts';
import { CommandError } from '../../commands/command-error.ts';
import type { TrafficObserver } from './traffic-log.ts';
import { takeUpgrades } from './upgrades.ts';

/** What stands behind the front door. */
export interface FrontDoorTargets extends Endpoints {
  readonly issuer: Serve;
  readonly page: ReadonlyMap<string, PageFile>;
  /** What answers below `/_ops`; nothing of the kind is there when it is left out. */
  readonly operators?: Serve | undefined;
}

/** The one port of the stack, with the paths of production. */
export interface FrontDoor {
  readonly port: number;
  /**
   * Begins to serve. Requests that came before have waited: whatever they could be answered with would be final for an
   * EventSource, whose page must hear of the stack's restart as of a break that is over.
   */
  readonly open: (targets: FrontDoorTargets) => void;
  /**
   * Breaks off what is open, and whatever comes, but keeps the port: while the parts behind the door end, no client is
   * told of their trouble.
   */
  readonly shut: () => void;
  readonly close: () => Promise<void>;
}

const freePortAttempts = 10;

/**
 * Binds the port on the loopback addresses, IPv4 and, where the machine has it, IPv6: `localhost` may mean either.
 * @param port 0 for any.
 * @param traffic sees each request as it is served.
 * @throws {CommandError} when the port is taken.
 */
export async function openFrontDoor(
  port: number,
  traffic?: Pick<TrafficObserver, 'request'>,
): Promise<FrontDoor> {
  let serve: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  let waiting: Array<[request: IncomingMessage, response: ServerResponse]> = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    if (serve === undefined) waiting.push([request, response]);
    else serve(request, response);
  };
  const { servers, boundPort } = await bindLoopback(port, listener);
  const upgraded = servers.map((server) => takeUpgrades(server, listener));
  const breakOff = (): void => {
    for (const server of servers) server.closeAllConnections();
    for (const breakOffUpgraded of upgraded) breakOffUpgraded();
  };
  return {
    port: boundPort,
    open: (targets) => {
      serve = (request, response) => {
        const { path } = splitUrl(request.url ?? '/');
        const isPastTheEdge = targets.byDomain.has(request.headers.host ?? '');
        const operators = !isPastTheEdge && /^\/_ops(\/|$)/.test(path) ? targets.operators : undefined;
        // Whoever operates the stack is no traffic of it.
        if (operators === undefined) traffic?.request(request, response);
        const answered = operators?.(request, response, path) ?? route(targets, request, response, path);
        answered.catch(() => response.destroy());
      };
      const come = waiting.filter(([request]) => !request.socket.destroyed);
      waiting = [];
      for (const [request, response] of come) serve(request, response);
    },
    shut: () => {
      serve = ({ socket }) => socket.destroy();
      waiting = [];
      for (const server of servers) server.on('connection', (socket) => socket.destroy());
      breakOff();
    },
    close: async () => {
      const closed = servers.map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
          }),
      );
      breakOff();
      await Promise.all(closed);
    },
  };
}

function route(
  targets: FrontDoorTargets,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  // Whoever names an endpoint as AWS would, in the header Host, reaches it past the edge.
  const endpoint = targets.byDomain.get(request.headers.host ?? '');
  if (endpoint !== undefined) return endpoint(request, response, path);
  if (path.startsWith('/issuer/')) return targets.issuer(request, response, path);
  if (targets.edge !== undefined) return targets.edge(request, response, path);
  if (path === paths.stream || path === `${paths.stream}/`) return targets.stream(request, response, path);
  if (path === paths.webSocket) return targets.webSocketApi(request, response, path);
  const file = request.method === 'GET' || request.method === 'HEAD' ? targets.page.get(path) : undefined;
  if (file === undefined) return targets.httpApi(request, response, path);
  sendFile(request, response, file);
  return Promise.resolve();
}

async function bindLoopback(
  port: number,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ servers: Server[]; boundPort: number }> {
  for (let attempt = 1; ; attempt++) {
    const first = await bind('127.0.0.1', port, listener);
    if (first === undefined) throw busyPort(port);
    const bound = (first.address() as AddressInfo).port;
    try {
      const second = await bind('::1', bound, listener);
      return { servers: second === undefined ? [first] : [first, second], boundPort: bound };
    } catch (error) {
      // Somebody else has this port on IPv6: with port 0 another one will do.
      await new Promise<void>((resolve) => {
        first.close(() => resolve());
      });
      if (port !== 0 || attempt === freePortAttempts) throw error;
    }
  }
}

/** Binds one address; undefined when the machine does not have it. */
function bind(
  host: string,
  port: number,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer({ keepAliveTimeout: 60_000 }, listener);
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') reject(busyPort(port));
      else if (error.code === 'EACCES') {
        reject(
          new CommandError(
            `port ${port} needs more rights than you have; use --port with a number above 1023`,
          ),
        );
      } else if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') resolve(undefined);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });
}

function busyPort(port: number): CommandError {
  return new CommandError(
    `port ${port} is in use; stop what uses it, or choose another: npm start -- --port 0`,
  );
}
