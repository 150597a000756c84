import type { RawData } from 'ws';
import { WebSocket } from 'ws';
import type { Random } from '../random.ts';
import type { Follower, ReceivedSocketFrame } from './follower.ts';
import { follower } from './follower.ts';
import type { Frame } from './frame-order.ts';
import type { Source, SourceEnd } from './source.ts';

/** What a client wants to hear of, as its `subscribe` says it. */
export interface SocketWish {
  readonly status?: readonly string[];
  readonly presence?: boolean;
  readonly cursor?: string | undefined;
}

/** Where a client connects, and who hears what it gets. */
export interface WebSocketClientOptions {
  /** The address of the WebSocket, with the token in its query. */
  readonly url: string;
  readonly wish: SocketWish;
  /** Where the first connection begins; now, when it is left out. */
  readonly cursor?: string | undefined;
  readonly random: Random;
  /** How long after an end a push that was under way may still come, milliseconds. */
  readonly underWayMs?: number;
  /** Hears what the rules of the document make of what comes. */
  readonly onFrame: (frame: Frame) => void;
  /** Hears that a connection has ended without the client's doing, for a while or for good. */
  readonly onEnd: () => void;
}

/** Time between two pings: minutes, for a client that is no test of what they find. Bounds of the jitter, milliseconds. */
const pingMs = [800, 1600] as const;

/** A connection that does not answer a ping in this time is dead, milliseconds. A busy machine takes its time. */
const deadMs = 15_000;

/** The wait before a client comes back, bounds of the jitter, milliseconds. */
const retryMs = [150, 450] as const;

/** How long a handshake may take, milliseconds. */
const handshakeMs = 20_000;

/** How long after its `end` a connection may stay, milliseconds: whoever stays out listens whether more is told. */
const lingerMs = { final: 6500, passing: 500 } as const;

/** How long a push may be under way at an end, milliseconds: its function had looked before. Source: docs/PROTOCOL.md. */
const usualUnderWayMs = 5000;

/** What stands for the end of a client that was told not to come back: a stream's client would be answered 204. */
const toldToStop = 204;

/** A frame whose `data` is an object, as all are that the function sends; the gateway's own messages are others. */
type Message = Partial<ReceivedSocketFrame>;

/**
 * A client of the WebSocket that does what docs/PROTOCOL.md asks of one, by its own code: it subscribes, asks for what it
 * has missed, pings, takes a connection without an answer for dead, and comes back with its cursor. A handshake that is
 * refused with 401 and an `end` that asks for no reconnect are final.
 */
export class WebSocketClient implements Source {
  readonly #options: WebSocketClientOptions;
  readonly #follower: Follower<SocketWish>;
  #cursor: string | undefined;
  #socket: WebSocket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #ping: NodeJS.Timeout | undefined;
  #linger: NodeJS.Timeout | undefined;
  /** When a ping was sent that nothing has come after; undefined where nothing is waited for. Epoch milliseconds. */
  #askedAt: number | undefined;
  #connectedAt = 0;
  #end: { readonly reason: string; readonly at: number } | undefined;
  isClosed = false;
  isFrozen = false;
  isConnected = false;
  connections = 0;
  finalStatus: number | undefined;
  readonly ends: SourceEnd[] = [];
  readonly violations: string[] = [];
  readonly toldAfterEnd: string[] = [];

  constructor(options: WebSocketClientOptions) {
    this.#options = options;
    this.#cursor = options.cursor;
    this.#follower = follower<SocketWish>(
      (said) => this.#say(said),
      (frame) => this.#deliver(frame),
    );
    this.#connect();
  }

  get isAlive(): boolean {
    return !this.isClosed && this.finalStatus === undefined;
  }

  get cursor(): string | undefined {
    return this.#cursor;
  }

  get openForMs(): number {
    return this.isConnected ? Date.now() - this.#connectedAt : 0;
  }

  get retryMs(): number {
    return retryMs[1];
  }

  cut(): void {
    this.#drop();
    if (this.isAlive) this.#connect();
  }

  freeze(): void {
    this.isFrozen = true;
    this.#socket?.pause();
  }

  thaw(): void {
    this.isFrozen = false;
    this.#askedAt = undefined;
    this.#socket?.resume();
  }

  leave(): void {
    this.#drop();
  }

  close(): void {
    this.isClosed = true;
    this.#drop();
  }

  #drop(): void {
    const socket = this.#socket;
    this.#forget();
    socket?.terminate();
  }

  /** Whatever comes of the connection from now on is nobody's. */
  #forget(): void {
    for (const timer of [this.#retry, this.#ping, this.#linger]) clearTimeout(timer);
    this.#socket = undefined;
    this.isConnected = false;
    this.#askedAt = undefined;
    this.#end = undefined;
  }

  #connect(): void {
    const socket = new WebSocket(this.#options.url, { handshakeTimeout: handshakeMs });
    this.#socket = socket;
    const ifOurs =
      <Parameters extends unknown[]>(run: (...parameters: Parameters) => void) =>
      (...parameters: Parameters): void => {
        if (this.#socket === socket) run(...parameters);
      };
    socket.on(
      'open',
      ifOurs(() => this.#opened()),
    );
    socket.on(
      'message',
      ifOurs((text: RawData) => this.#receive(text)),
    );
    socket.on('unexpected-response', (_request, { statusCode }) => {
      if (statusCode === 401 && this.#socket === socket) this.finalStatus = statusCode;
      // With whoever listens to this the library leaves it to end the handshake.
      socket.terminate();
    });
    socket.on('error', () => {
      // 'close' follows.
    });
    socket.once(
      'close',
      ifOurs(() => this.#gone()),
    );
  }

  #opened(): void {
    this.isFrozen = false;
    this.isConnected = true;
    this.connections += 1;
    this.#connectedAt = Date.now();
    this.#follower.subscribe({ ...this.#options.wish, cursor: this.#cursor });
    this.#pingLater();
  }

  #pingLater(): void {
    this.#ping = setTimeout(
      () => {
        if (this.#askedAt !== undefined && Date.now() - this.#askedAt > deadMs) return this.#isDead();
        if (!this.isFrozen && this.#end === undefined) {
          this.#askedAt ??= Date.now();
          this.#follower.ping();
        }
        this.#pingLater();
      },
      this.#options.random.integer(...pingMs),
    );
  }

  #isDead(): void {
    const socket = this.#socket;
    this.#gone();
    socket?.terminate();
  }

  #say(said: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(said));
  }

  #receive(text: RawData): void {
    this.#askedAt = undefined;
    const message = JSON.parse((text as Buffer).toString('utf8')) as Message;
    const { event, data } = message;
    if (data === undefined) return;
    if (this.#end !== undefined) {
      const what = `"${String(data.type ?? event)}" came after the end with ${this.#end.reason}`;
      // Whoever comes back hears of it all the same: a push that was under way is nothing to hide. Two that end a
      // connection at the same time both say so.
      const isLate = Date.now() - this.#end.at > (this.#options.underWayMs ?? usualUnderWayMs);
      if (!this.isAlive && isLate && event !== 'end') this.toldAfterEnd.push(what);
    } else if (event === 'end') this.#told(data as { readonly reason: string; readonly reconnect: boolean });
    else this.#follower.receive(message as ReceivedSocketFrame);
  }

  /** The server ends the connection. Whoever may not come back stays and listens, until it is closed. */
  #told({ reason, reconnect }: { readonly reason: string; readonly reconnect: boolean }): void {
    this.#end = { reason, at: Date.now() };
    if (!reconnect) this.finalStatus = toldToStop;
    this.#linger = setTimeout(() => this.#isDead(), reconnect ? lingerMs.passing : lingerMs.final);
    this.#options.onEnd();
  }

  #deliver({ id, event, data }: ReceivedSocketFrame): void {
    this.#cursor = id ?? this.#cursor;
    this.#options.onFrame({
      id,
      event: event === 'message' ? undefined : (event as Frame['event']),
      data: data as Frame['data'],
      at: Date.now(),
    });
  }

  #gone(): void {
    if (this.isConnected) {
      const at = Date.now();
      const { reason, at: saidAt } = this.#end ?? { reason: undefined, at: undefined };
      this.ends.push({ reason, saidAt, at, milliseconds: at - this.#connectedAt });
    }
    this.#forget();
    if (this.isAlive) {
      this.#retry = setTimeout(() => this.#connect(), this.#options.random.integer(...retryMs));
    }
    this.#options.onEnd();
  }
}
