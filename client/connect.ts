import type { AwarenessEvent } from '../protocol/awareness.ts';
import type { Message } from '../protocol/frames.ts';
import { establishedType } from '../protocol/frames.ts';
import { paths } from '../protocol/paths.ts';
import type { Connection, ConnectionEvents } from './connection/connection.ts';
import { FetchTransport } from './connection/fetch-transport.ts';
import { listenToPageLifecycle } from './connection/page-lifecycle.ts';
import { Session } from './connection/session.ts';
import { LateSource } from './connection/late-source.ts';
import type { ConnectionStatus, Source, SourceListener, StreamFrame } from './connection/source.ts';
import type { Subscription, TransportClass } from './connection/transport.ts';
import { sender } from './http/sender.ts';
import type { DeploymentUrl, Endpoints } from './http/endpoints.ts';
import { endpointsOf } from './http/endpoints.ts';
import type { TokenProvider } from './http/tokens.ts';
import { Tokens } from './http/tokens.ts';
import { isTaskEvent } from './shared/task-event.ts';
import { canShare } from './sharing/can-share.ts';

export interface ConnectOptions extends Subscription {
  /** Where the deployment is; the page's own origin unless it is said. */
  readonly url?: DeploymentUrl;
  readonly token: TokenProvider;
  /**
   * `fetch` (unless it is said): an event stream whose token is in a header. `eventsource`: the same by the browser's own
   * EventSource. `websocket`: far cheaper where connections are many and changes few.
   */
  readonly transport?: 'fetch' | 'eventsource' | 'websocket';
  /** Where to begin, as `streamCursor` of `GET /tasks` says it; now unless it is said. */
  readonly cursor?: string;
  /** Leaves the stream when the page has been hidden for so long, milliseconds, until it is seen again. Never unless it is said. */
  readonly pauseWhenHiddenMs?: number;
  /**
   * Whether the tabs of a user in one browser have one stream together, where the browser can (Web Locks, BroadcastChannel,
   * a secure context); true unless it is said. Never with `cursor` or `since`.
   */
  readonly share?: boolean;
}

/** Most pages need the first alone. */
const transports: Readonly<Record<NonNullable<ConnectOptions['transport']>, () => Promise<TransportClass>>> =
  {
    fetch: () => Promise.resolve(FetchTransport),
    eventsource: async () => (await import('./connection/event-source-transport.ts')).EventSourceTransport,
    websocket: async () => (await import('./connection/web-socket-transport.ts')).WebSocketTransport,
  };

/**
 * Opens a stream of task events, which lasts until it is closed or the server wants no more of it. It opens after this
 * call, so that nothing is told before its caller listens.
 * @throws {TypeError} when an address is none.
 */
export function connect(options: ConnectOptions): Connection {
  return new OpenConnection(options);
}

class OpenConnection implements Connection {
  readonly send: Connection['send'];
  readonly #events = new EventTarget();
  readonly #closing = new AbortController();
  readonly #source: Source;
  #status: ConnectionStatus = { state: 'connecting' };
  #cursor: string;
  /** Why nobody listens for now; undefined while somebody does. */
  #paused: 'away' | 'hidden' | 'asked' | undefined;

  constructor(options: ConnectOptions) {
    const endpoints = endpointsOf(options.url ?? '/', globalThis.location?.href);
    const tokens = new Tokens(options.token);
    this.send = sender(endpoints, tokens, this.#closing.signal);
    this.#cursor = options.cursor ?? '';
    this.#source = sourceOf(options, endpoints, tokens, {
      onStatus: (status) => this.#setStatus(status),
      onFrame: (frame) => this.#receive(frame),
      onReload: (reason, cursor = this.#cursor) => {
        this.#cursor = cursor;
        this.#emit('reload', { reason });
      },
    });
    this.#listenToPage(options.pauseWhenHiddenMs);
    queueMicrotask(() => this.#paused === undefined && !this.#isClosed && this.#source.open());
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  get cursor(): string {
    return this.#cursor;
  }

  on<Name extends keyof ConnectionEvents>(
    name: Name,
    listener: (event: ConnectionEvents[Name]) => void,
  ): () => void {
    const call = (event: Event): void => listener((event as CustomEvent<ConnectionEvents[Name]>).detail);
    this.#events.addEventListener(name, call);
    return () => this.#events.removeEventListener(name, call);
  }

  reconnect(): void {
    if (this.#isClosed) return;
    this.#paused = undefined;
    this.#source.open();
  }

  pause(): void {
    this.#pause('asked');
  }

  close(): void {
    if (this.#isClosed) return;
    this.#closing.abort();
    this.#source.pause({ state: 'offline', reason: 'closed' });
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #pause(why: 'away' | 'hidden' | 'asked'): void {
    if (this.#isClosed) return;
    // What was denied stays so.
    if (this.#status.state === 'denied') return this.#source.pause(this.#status);
    this.#paused = this.#paused === 'asked' ? 'asked' : why;
    this.#source.pause({ state: 'offline', reason: 'paused' });
  }

  #resume(): void {
    if (this.#paused !== 'asked' && this.#paused !== undefined) this.reconnect();
  }

  #listenToPage(pauseWhenHiddenMs: number | undefined): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const { signal } = this.#closing;
    signal.addEventListener('abort', () => clearTimeout(timer));
    listenToPageLifecycle(
      {
        // A page that is kept for "back" must not hold a connection.
        onHide: () => this.#pause('away'),
        onRestore: () => this.#resume(),
        onVisible: (isVisible) => {
          clearTimeout(timer);
          if (isVisible) this.#resume();
          else if (pauseWhenHiddenMs !== undefined)
            timer = setTimeout(() => this.#pause('hidden'), pauseWhenHiddenMs);
        },
      },
      signal,
    );
  }

  #setStatus(status: ConnectionStatus): void {
    const { state, reason, message } = this.#status;
    if (state === status.state && reason === status.reason && message === status.message) return;
    this.#status = status;
    this.#emit('status', status);
  }

  #receive(frame: StreamFrame): void {
    if (frame.id !== '') this.#cursor = frame.id;
    this.#emit('frame', frame);
    if (frame.name !== 'message') return;
    const message = JSON.parse(frame.data) as Message | AwarenessEvent;
    if (message.type === establishedType) return;
    if (!isTaskEvent(message)) return this.#emit('presence', message);
    this.#emit('task', message);
    this.#emit(message.type, message);
  }

  #emit<Name extends keyof ConnectionEvents>(name: Name, detail: ConnectionEvents[Name]): void {
    if (!this.#isClosed) this.#events.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** The session of this page, or one that it shares with the other tabs of its user. */
function sourceOf(
  { cursor = '', share = true, ...options }: ConnectOptions,
  endpoints: Endpoints,
  tokens: Tokens,
  listener: SourceListener,
): Source {
  const { events, tasks, status, assigned_to_agent, presence, since } = options;
  const subscription = { events, tasks, status, assigned_to_agent, presence, since };
  const load = transports[options.transport ?? 'fetch'];
  const createSession = (from: string, ofSession: SourceListener): Source =>
    new Session({
      openTransport: async (opening, ofTransport) =>
        new (await load())({ ...opening, endpoints, subscription }, ofTransport),
      tokens,
      cursor: from,
      leave: (connectionId, token) => sayGoodbye(endpoints, connectionId, token),
      listener: ofSession,
    });
  // What was before a tab joined is not told to it.
  const mayShare = share && cursor === '' && since === undefined && canShare();
  if (!mayShare) return createSession(cursor, listener);
  return new LateSource(async () => {
    try {
      const { share: shared } = await import('./sharing/share.ts');
      return await shared({ tokens, endpoints, subscription, createSession, listener });
    } catch {
      // Without a token, for example: the session says why.
      return createSession(cursor, listener);
    }
  }, listener);
}

/** Tells the server that nobody reads a stream any more. A page that goes away may say no other thing. */
function sayGoodbye({ api }: Endpoints, connectionId: string, token: string): void {
  const url = `${api}${paths.disconnect}`;
  const body = JSON.stringify({ connectionId, token });
  // Node has none.
  if ((globalThis.navigator as Partial<Navigator> | undefined)?.sendBeacon?.(url, body) === true) return;
  fetch(url, { method: 'POST', body, keepalive: true }).catch(() => undefined);
}
