import type { TaskEvent } from '../core/event.ts';
import { backOff } from './backoff.ts';
import { RequestRefused } from './request.ts';
import type { StreamFrame } from './stream-connection.ts';
import { StreamConnection } from './stream-connection.ts';
import type { TokenSource } from './token-source.ts';

/** `ended`: for good, until the user does something. */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'ended';

/** A frame as it arrived. */
export interface ReceivedFrame {
  /** The cursor. */
  readonly id: string;
  /** The event's name, or the type that is in the data where it has none. */
  readonly type: string;
  /** JSON text. */
  readonly data: string;
}

export interface TaskStreamOptions {
  readonly tokens: TokenSource;
  /** Throws what the HTTP API says about the user: EventSource does not tell why it was refused. */
  readonly checkAccess: () => Promise<void>;
  /** @param detail why, where there is something to say. */
  readonly onState: (state: ConnectionState, detail?: string) => void;
  readonly onFrame: (frame: ReceivedFrame) => void;
  readonly onTaskEvent: (event: TaskEvent) => void;
  /** Events from here on follow no state that the page has: it must load the state now. */
  readonly onStateUnknown: () => void;
  /** Ends the stream. */
  readonly signal: AbortSignal;
}

/** Data of the named frames, each of which has some of it. */
interface ControlData {
  readonly complete?: boolean;
  readonly reconnect?: boolean;
  readonly reason?: string;
}

type Message = { readonly type: 'connection.established'; readonly connectionId: string } | TaskEvent;

/** What the user reads when the server ends the stream for good. */
const TERMINAL_ENDS: Readonly<Record<string, string>> = {
  connection_limit: 'Too many pages of yours are open; this was the oldest. Reload it to go on here.',
  disconnected: 'Another page of yours has ended it. Reload this one to go on.',
  ended_by_admin: 'An admin has ended it.',
  revoked: 'An admin has revoked your rights.',
};

/**
 * The stream of task events over EventSource, which reconnects by itself with its cursor. What it leaves to the page
 * is done here: a new token when the old one has expired, another attempt where EventSource gives up, and the next
 * connection before the server ends this one.
 */
export class TaskStream {
  readonly #options: TaskStreamOptions;
  #current: StreamConnection | undefined;
  /** Opened before the end of the current one; takes its place when it is established. */
  #next: StreamConnection | undefined;
  /** Cursors of the task events that came while two connections were open. */
  #seen = new Set<string>();
  #cursor = '';
  /** Failed attempts since a session was established. The first is followed by another at once. */
  #attempts = 0;

  constructor(options: TaskStreamOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.pause());
  }

  /** Opens the stream; where it was open before, it goes on after the last frame. */
  async open(): Promise<void> {
    const { tokens, checkAccess, onState, signal } = this.#options;
    this.#close();
    onState(this.#cursor === '' ? 'connecting' : 'reconnecting');
    while (!signal.aborted) {
      try {
        if (this.#attempts > 1) await backOff(this.#attempts - 1, signal);
        if (this.#attempts > 0) await checkAccess();
        const token = await tokens.current();
        if (signal.aborted) return;
        this.#close();
        this.#current = this.#connect(token);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const { message } = error as Error;
        if (error instanceof RequestRefused && !error.isPassing) return onState('ended', message);
        onState('reconnecting', message);
        this.#attempts += 1;
      }
    }
  }

  /** Leaves the stream until it is opened again, and tells the server. */
  pause(): void {
    this.#next?.leave();
    this.#current?.leave();
  }

  #close(): void {
    this.#next?.close();
    this.#next = undefined;
    this.#current?.close();
  }

  #connect(token: string): StreamConnection {
    return new StreamConnection(token, this.#cursor, {
      onFrame: (connection, frame) => this.#receive(connection, frame),
      onError: (connection, isFinal) => this.#fail(connection, isFinal),
    });
  }

  #receive(connection: StreamConnection, { name, id, data }: StreamFrame): void {
    const content = JSON.parse(data) as Message & ControlData;
    const isFirst = this.#cursor === '';
    const isTask = name === 'message' && content.type !== 'connection.established';
    if (isTask && this.#isRepeated(id)) return;
    // An `end` that stands for a failed start has no cursor.
    if (id !== '') this.#cursor = id;
    this.#options.onFrame({ id, type: name === 'message' ? content.type : name, data });
    if (name === 'message') {
      if (content.type !== 'connection.established') return this.#options.onTaskEvent(content);
      connection.established(content.connectionId);
      return this.#established(connection, isFirst);
    }
    const { complete, reconnect, reason } = content as ControlData;
    if (complete === false) this.#options.onStateUnknown();
    if (name === 'handover') void this.#handOver(connection, reason);
    if (reconnect === false) this.#leave(connection, reason);
  }

  /** Two connections give the same event the same cursor. */
  #isRepeated(id: string): boolean {
    if (this.#seen.has(id)) return true;
    if (this.#next) this.#seen.add(id);
    return false;
  }

  #established(connection: StreamConnection, isFirst: boolean): void {
    this.#attempts = 0;
    if (connection === this.#next) {
      this.#current?.close();
      this.#current = connection;
      this.#next = undefined;
    }
    this.#options.onState('live');
    // A session that goes on after a cursor says in its next frame whether it could.
    if (isFirst) this.#options.onStateUnknown();
  }

  /** Opens the next connection before this one ends, so that the page is never without one. */
  async #handOver(connection: StreamConnection, reason: string | undefined): Promise<void> {
    const { tokens, signal } = this.#options;
    if (reason === 'token_expired') tokens.discard(connection.token);
    // Without a token there is no next one: then this one ends, and `open` does what is to be done.
    const token = await tokens.current().catch(() => undefined);
    if (token === undefined || signal.aborted || connection !== this.#current || this.#next) return;
    this.#seen = new Set();
    this.#next = this.#connect(token);
  }

  /** The server wants no reconnect as things are. */
  #leave(connection: StreamConnection, reason = 'no reason given'): void {
    connection.close();
    if (connection !== this.#current) return;
    if (reason === 'token_expired') {
      this.#options.tokens.discard(connection.token);
      void this.open();
    } else {
      this.#close();
      this.#options.onState('ended', TERMINAL_ENDS[reason] ?? `The server ended it: ${reason}.`);
    }
  }

  #fail(connection: StreamConnection, isFinal: boolean): void {
    if (connection === this.#next) {
      // The one that still lives says what is wrong when its time has come.
      connection.close();
      this.#next = undefined;
    } else if (isFinal) {
      this.#attempts += 1;
      void this.open();
    } else {
      this.#options.onState(this.#cursor === '' ? 'connecting' : 'reconnecting');
    }
  }
}
