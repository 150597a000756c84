import type { TaskEvent } from '../protocol/events.ts';
import { backOff } from './backoff.ts';
import { Overlap } from './overlap.ts';
import { openingAfterSilence } from './liveness.ts';
import { RequestRefused } from './request.ts';
import type { Message } from '../protocol/frames.ts';
import { establishedType } from '../protocol/frames.ts';
import type { ControlContent, ReceivedFrame } from './stream-messages.ts';
import { describeEnd, tokenExpired } from './stream-messages.ts';
import type { StreamFrame } from './stream-connection.ts';
import { StreamConnection } from './stream-connection.ts';
import type { TokenSource } from './token-source.ts';
import { listenToWakeSignals } from './wake-signals.ts';

/** `ended`: for good, until the user does something. */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'ended';

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

/**
 * The stream of task events over EventSource, which reconnects by itself with its cursor. What it leaves to the page
 * is done here: a new token when the old one has expired, another attempt where EventSource gives up, the next connection
 * before the server ends this one, and another when this one has gone silent.
 */
export class TaskStream {
  readonly #options: TaskStreamOptions;
  #current: StreamConnection | undefined;
  /** Opened before the end of the current one; takes its place when it is established. */
  #next: StreamConnection | undefined;
  /** Which call of `open` counts: the last, until something else has been decided. */
  #openings = 0;
  #isOpening = false;
  readonly #overlap = new Overlap();
  #cursor = '';
  /** Failed attempts since a session was established. The first is followed by another at once. */
  #attempts = 0;
  /** Whether a connection went silent, and none has been established since. */
  #isAfterSilence = false;
  /** Whether the last attempt was refused: then the API is asked why. */
  #isRefused = false;

  constructor(options: TaskStreamOptions) {
    this.#options = options;
    const { signal } = options;
    signal.addEventListener('abort', () => this.pause());
    listenToWakeSignals(
      {
        onTick: () => this.#look(false),
        onWake: () => this.#look(true),
        onOffline: () => {
          if (this.#current) this.#replace('The network is gone.');
        },
      },
      signal,
    );
  }

  /** Opens the stream; where it was open before, it goes on after the last frame. */
  open(): Promise<void> {
    this.#attempts = 0;
    return this.#open();
  }

  /** Leaves the stream until it is opened again, and tells the server. */
  pause(): void {
    this.#openings += 1;
    this.#isOpening = false;
    this.#next?.leave();
    this.#next = undefined;
    this.#current?.leave();
    this.#current = undefined;
  }

  /** @param detail why the stream is opened again, where there is something to say. */
  async #open(detail?: string): Promise<void> {
    const { tokens, checkAccess, onState, signal } = this.#options;
    this.#close();
    this.#openings += 1;
    this.#isOpening = true;
    const opening = this.#openings;
    const isOver = (): boolean => signal.aborted || opening !== this.#openings;
    onState(this.#cursor === '' ? 'connecting' : 'reconnecting', detail);
    while (!isOver()) {
      try {
        if (this.#attempts > 1) await backOff(this.#attempts - 1, signal);
        if (this.#isRefused && !isOver()) await checkAccess();
        if (isOver()) return;
        const token = await tokens.current();
        if (isOver()) return;
        this.#isOpening = false;
        this.#isRefused = false;
        this.#current = this.#connect(token);
        return;
      } catch (error) {
        if (isOver()) return;
        const { message } = error as Error;
        if (error instanceof RequestRefused && !error.isPassing) return this.#finish(message);
        onState('reconnecting', message);
        this.#attempts += 1;
      }
    }
  }

  /**
   * Looks whether the connections are alive.
   * @param isDoubted something speaks against it, such as a machine that has slept, or for another attempt.
   */
  #look(isDoubted: boolean): void {
    if (this.#next?.liveness.isSilent === true) this.#dropNext();
    if (this.#current === undefined) {
      if (isDoubted && this.#isOpening) void this.open();
      return;
    }
    const { isDoubtful, isSilent } = this.#current.liveness;
    if (isDoubted ? isDoubtful : isSilent) this.#replace('Nothing was heard any more.');
  }

  /** Takes the connection for dead and opens another, which goes on after the last frame. */
  #replace(detail: string): void {
    // One that was never answered is no reason to hurry.
    this.#attempts = this.#current?.isEstablished === true ? 0 : this.#attempts + 1;
    this.#isAfterSilence = true;
    // As far as the server knows, somebody still listens.
    this.pause();
    void this.#open(detail);
  }

  #close(): void {
    this.#dropNext();
    this.#current?.close();
    this.#current = undefined;
  }

  #dropNext(): void {
    this.#next?.close();
    this.#next = undefined;
  }

  /** Ends for good, as far as the page may decide. */
  #finish(detail: string): void {
    this.#close();
    this.#isOpening = false;
    this.#options.onState('ended', detail);
  }

  #connect(token: string): StreamConnection {
    const openingMs = this.#isAfterSilence ? openingAfterSilence(this.#attempts) : undefined;
    return new StreamConnection(token, this.#cursor, openingMs, {
      onFrame: (connection, frame) => this.#receive(connection, frame),
      onError: (connection, isFinal) => this.#fail(connection, isFinal),
    });
  }

  #receive(connection: StreamConnection, { name, id, data }: StreamFrame): void {
    const content = JSON.parse(data) as Message & ControlContent;
    const isFirst = this.#cursor === '';
    const isTask = name === 'message' && content.type !== establishedType;
    if (isTask && this.#overlap.isRepeated(id, this.#next !== undefined)) return;
    // An `end` that stands for a failed start has no cursor.
    if (id !== '') this.#cursor = id;
    this.#options.onFrame({ id, type: name === 'message' ? content.type : name, data });
    if (name === 'message') {
      if (content.type !== establishedType) return this.#options.onTaskEvent(content);
      connection.established(content.connectionId, content.timestamp);
      return this.#established(connection, isFirst);
    }
    const { complete, reason, timestamp } = content as ControlContent;
    if (name === 'ping' && timestamp !== undefined) connection.liveness.heardPing(timestamp, false);
    if (complete === false) this.#options.onStateUnknown();
    if (name === 'handover') void this.#handOver(connection, reason);
    if (name === 'end') this.#leave(connection, content);
  }

  #established(connection: StreamConnection, isFirst: boolean): void {
    this.#attempts = 0;
    this.#isAfterSilence = false;
    if (connection === this.#next) this.#promoteNext();
    this.#options.onState('live');
    // A session that goes on after a cursor says in its next frame whether it could.
    if (isFirst) this.#options.onStateUnknown();
  }

  #promoteNext(): void {
    this.#current?.close();
    this.#current = this.#next;
    this.#next = undefined;
  }

  /** Opens the next connection before this one ends, so that the page is never without one. */
  async #handOver(connection: StreamConnection, reason: string | undefined): Promise<void> {
    const { tokens, signal } = this.#options;
    if (reason === tokenExpired) tokens.discard(connection.token);
    // Without a token there is no next one: then this one ends, and `open` does what is to be done.
    const token = await tokens.current().catch(() => undefined);
    if (token === undefined || signal.aborted || connection !== this.#current || this.#next) return;
    this.#overlap.begin();
    this.#next = this.#connect(token);
  }

  /**
   * The server has ended the session. Whether the page may come back is what `reconnect` says, of reasons that the page
   * has never heard of too; EventSource does so by itself.
   */
  #leave(connection: StreamConnection, { reason = 'no reason given', reconnect }: ControlContent): void {
    // With this token the next answer would be 401, whether it may come back or not.
    const isExpired = reason === tokenExpired;
    if (isExpired) this.#options.tokens.discard(connection.token);
    if (reconnect !== false && !isExpired) return;
    connection.close();
    if (connection === this.#next) this.#dropNext();
    if (connection !== this.#current) return;
    if (!isExpired) return this.#finish(describeEnd(reason));
    if (!this.#next) return void this.#open();
    // It has a new token, and is not established yet.
    this.#promoteNext();
    this.#options.onState('reconnecting');
  }

  #fail(connection: StreamConnection, isFinal: boolean): void {
    if (connection === this.#next) {
      // The one that still lives says what is wrong when its time has come.
      this.#dropNext();
    } else if (isFinal) {
      // The page may be going away: that breaks its connections before it hears of it.
      connection.leave();
      this.#isRefused = true;
      this.#attempts += 1;
      void this.#open();
    } else {
      this.#options.onState(this.#cursor === '' ? 'connecting' : 'reconnecting');
    }
  }
}
