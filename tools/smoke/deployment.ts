import { paths } from '../../protocol/routes.ts';
import { EventStream } from './event-stream.ts';
import type { HttpAnswer } from './http-answer.ts';
import { SmokeSocket } from './socket.ts';
import { jsonOrText } from './json-or-text.ts';

/** Where a deployment is, and who asks. */
export interface DeploymentAddress {
  readonly baseUrl: URL;
  /** Where `/sse/connect` is: with the edge off, the Function URL. */
  readonly streamUrl: URL;
  /** Where the WebSocket is; undefined where nobody has said. */
  readonly socketUrl?: URL | undefined;
  readonly token: string;
}

/** A request besides its method and path. */
export interface RequestOptions {
  readonly signal: AbortSignal;
  /** The token to send; null for none; that of the user when it is left out. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** How to open a stream. */
export interface StreamOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Opens it in place of the token. */
  readonly ticket?: string;
  /** Asks for a lease, seconds. */
  readonly leaseSeconds?: number;
  /** Further parameters. */
  readonly query?: Readonly<Record<string, string>>;
}

/** A deployment as a client sees it. */
export class Deployment {
  readonly #address: DeploymentAddress;

  constructor(address: DeploymentAddress) {
    this.#address = address;
  }

  /**
   * Sends a request to the API, or to the stream where the path is that of the stream, and reads the answer to its
   * end. Rejects as `fetch` does, and with the reason of the signal.
   */
  async request(method: string, path: string, options: RequestOptions): Promise<HttpAnswer> {
    const { signal, token = this.#address.token, headers = {}, body } = options;
    const response = await fetch(this.#url(path), {
      method,
      signal,
      // The token goes to no other host than the one that was named.
      redirect: 'manual',
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const [pathAlone = path] = path.split('?');
    return {
      request: `${method} ${pathAlone}`,
      status: response.status,
      headers: response.headers,
      body: jsonOrText(text),
    };
  }

  /**
   * Opens a stream, with the token or a ticket in the query as EventSource sends it.
   * @param signal ends the wait for the status, not the stream.
   */
  connect(
    { headers = {}, ticket, leaseSeconds, query = {} }: StreamOptions,
    signal: AbortSignal,
  ): Promise<EventStream> {
    const url = this.#url(paths.stream);
    if (ticket === undefined) url.searchParams.set('token', this.#address.token);
    else url.searchParams.set('ticket', ticket);
    if (leaseSeconds !== undefined) url.searchParams.set('lease', String(leaseSeconds));
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return EventStream.open(url, headers, signal);
  }

  /** Opens a WebSocket as a browser does; undefined where it is refused, or nobody has said where it is. */
  async openSocket(signal: AbortSignal): Promise<SmokeSocket | undefined> {
    const { socketUrl, token } = this.#address;
    return socketUrl && SmokeSocket.open(socketUrl, token, signal);
  }

  /** Asks for the end of a stream as a page does that closes: without a header, the token in a body of plain text. */
  disconnect(connectionId: string, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#beacon(paths.disconnect, { connectionId }, signal);
  }

  /** Says in the same way that a page has closed. */
  leavePage(viewId: string, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#beacon(paths.presence, { viewId, state: 'left' }, signal);
  }

  #beacon(path: string, body: object, signal: AbortSignal): Promise<HttpAnswer> {
    return this.request('POST', path, {
      signal,
      token: null,
      headers: { 'content-type': 'text/plain;charset=UTF-8' },
      body: { ...body, token: this.#address.token },
    });
  }

  #url(path: string): URL {
    const { baseUrl, streamUrl } = this.#address;
    const isStream = path === paths.stream || path.startsWith(`${paths.stream}?`);
    return new URL(path, isStream ? streamUrl : baseUrl);
  }
}
