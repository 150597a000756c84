import type { TaskEvent } from '../core/event.ts';
import { backOff } from './backoff.ts';
import { RequestRefused } from './request.ts';
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

/** Data of `resume` and `end`, each of which has some of it. */
interface ControlData {
  readonly complete?: boolean;
  readonly reconnect?: boolean;
  readonly reason?: string;
}

type Message = { readonly type: 'connection.established' } | TaskEvent;

/**
 * The stream of task events over EventSource, which reconnects by itself with its cursor. What it leaves to the page
 * is done here: a new token when the old one has expired, and another attempt where EventSource gives up.
 */
export class TaskStream {
  readonly #options: TaskStreamOptions;
  #source: EventSource | undefined;
  #cursor = '';
  /** Failed attempts since a session was established. The first is followed by another at once. */
  #attempts = 0;

  constructor(options: TaskStreamOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#source?.close());
  }

  /** Opens the stream; where it was open before, it goes on after the last frame. */
  async open(): Promise<void> {
    const { tokens, checkAccess, onState, signal } = this.#options;
    this.#source?.close();
    onState(this.#cursor === '' ? 'connecting' : 'reconnecting');
    while (!signal.aborted) {
      try {
        if (this.#attempts > 1) await backOff(this.#attempts - 1, signal);
        if (this.#attempts > 0) await checkAccess();
        const token = await tokens.current();
        return this.#connect(token);
      } catch (error) {
        if (signal.aborted) return;
        const { message } = error as Error;
        if (error instanceof RequestRefused && !error.isPassing) return onState('ended', message);
        onState('reconnecting', message);
        this.#attempts += 1;
      }
    }
  }

  /** Leaves the stream until it is opened again. */
  pause(): void {
    this.#source?.close();
  }

  #connect(token: string): void {
    if (this.#options.signal.aborted) return;
    const query = new URLSearchParams({ token });
    if (this.#cursor !== '') query.set('lastEventId', this.#cursor);
    this.#source?.close();
    const source = new EventSource(`/sse/connect?${query.toString()}`);
    this.#source = source;
    source.addEventListener('message', (event) => this.#receive(event));
    source.addEventListener('resume', (event) => {
      const { complete } = this.#receiveControl(event);
      if (complete === false) this.#options.onStateUnknown();
    });
    source.addEventListener('ping', (event) => this.#receiveControl(event));
    source.addEventListener('end', (event) => {
      const { reconnect, reason } = this.#receiveControl(event);
      if (reconnect === false) this.#leave(source, token, reason);
    });
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) this.#reopen();
      else this.#options.onState(this.#cursor === '' ? 'connecting' : 'reconnecting');
    });
  }

  #receive(event: MessageEvent<string>): void {
    const isFirst = this.#cursor === '';
    const message = JSON.parse(event.data) as Message;
    this.#keep(event, message.type);
    if (message.type !== 'connection.established') return this.#options.onTaskEvent(message);
    this.#attempts = 0;
    this.#options.onState('live');
    // A session that goes on after a cursor says in its next frame whether it could.
    if (isFirst) this.#options.onStateUnknown();
  }

  #receiveControl(event: MessageEvent<string>): ControlData {
    this.#keep(event, event.type);
    return JSON.parse(event.data) as ControlData;
  }

  #keep({ lastEventId, data }: MessageEvent<string>, type: string): void {
    // An `end` that stands for a failed start has no cursor.
    if (lastEventId !== '') this.#cursor = lastEventId;
    this.#options.onFrame({ id: lastEventId, type, data });
  }

  /** The server wants no reconnect as things are. */
  #leave(source: EventSource, token: string, reason = 'no reason given'): void {
    source.close();
    if (reason !== 'token_expired') return this.#options.onState('ended', `The server ended it: ${reason}.`);
    this.#options.tokens.discard(token);
    void this.open();
  }

  /** EventSource has given up: the answer was not an event stream. */
  #reopen(): void {
    this.#attempts += 1;
    void this.open();
  }
}
