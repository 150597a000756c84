import type { Message } from '../../protocol/frames.ts';
import { establishedType } from '../../protocol/frames.ts';
import type { Tokens } from '../http/tokens.ts';
import { isTaskEvent } from '../shared/task-event.ts';
import type { Verdict } from './attempts.ts';
import { Attempts, isTokenRefusal } from './attempts.ts';
import type { ControlContent } from './end-words.ts';
import { describeEnd, expired, tokenExpired } from './end-words.ts';
import { Line } from './line.ts';
import { Lines } from './lines.ts';
import { openingAfterSilence } from './liveness.ts';
import { Overlap } from './overlap.ts';
import type { ConnectionStatus, ReloadReason, Source, SourceListener, StreamFrame } from './source.ts';
import type { OpenTransport, TransportEnd } from './transport.ts';
import { isOffline, listenToWakeSignals } from './wake-signals.ts';

export interface SessionOptions {
  readonly openTransport: OpenTransport;
  readonly tokens: Tokens;
  /** Where to begin; empty: now. */
  readonly cursor: string;
  /** Tells the server that nobody reads a stream any more; works while the page goes away. */
  readonly leave: (connectionId: string, token: string) => void;
  readonly listener: SourceListener;
}

/**
 * A stream that lasts, made of transports that do not: another token when the old one has expired, another attempt after
 * an end or a refusal that passes, the next transport before the server ends this one, and another when this one has gone
 * silent. Each goes on after the last frame.
 */
export class Session implements Source {
  readonly #options: SessionOptions;
  readonly #lines = new Lines();
  readonly #overlap = new Overlap();
  readonly #attempts = new Attempts();
  #cursor: string;
  /** Ends all listening to the page; undefined while it is paused or denied. */
  #running: AbortController | undefined;
  /** Which attempt counts: the last that was begun. */
  #openings = 0;
  #isOpening = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether a transport went silent, and none has been established since. */
  #isAfterSilence = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#cursor = options.cursor;
  }

  open(): void {
    this.#lines.leave();
    this.#attempts.forget();
    this.#options.tokens.forgive();
    if (this.#running === undefined) {
      this.#running = new AbortController();
      listenToWakeSignals(
        {
          onTick: () => this.#look(false),
          onWake: () => this.#look(true),
          onOffline: () => this.#lines.current && this.#replace('network_gone', 'The network is gone.'),
        },
        this.#running.signal,
      );
    }
    void this.#open();
    this.#recover();
  }

  pause(status: ConnectionStatus): void {
    this.#openings += 1;
    this.#isOpening = false;
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.#running = undefined;
    this.#lines.leave();
    this.#options.listener.onStatus(status);
  }

  /** Opens a transport after a wait, milliseconds, or decides what to do where there is none. */
  async #open(waitMs = 0): Promise<void> {
    this.#openings += 1;
    this.#isOpening = true;
    const opening = this.#openings;
    const isOver = (): boolean => opening !== this.#openings;
    if (waitMs > 0) await this.#sleep(waitMs);
    if (isOver()) return;
    try {
      const token = await this.#options.tokens.current();
      if (isOver()) return;
      const line = await this.#connect(token);
      if (isOver()) return line.close();
      this.#isOpening = false;
      this.#lines.current = line;
    } catch (error) {
      if (!isOver()) this.#goOn(this.#attempts.afterError(error));
    }
  }

  /** Waits, unless something else is decided meanwhile: then it never comes back. */
  async #sleep(milliseconds: number): Promise<void> {
    clearTimeout(this.#timer);
    await new Promise<void>((resolve) => {
      this.#timer = setTimeout(() => resolve(), milliseconds);
    });
  }

  /** Whoever hears how it goes on may pause the session, or open it: so that is told last. */
  #goOn({ waitMs, reason, message }: Verdict): void {
    if (waitMs === undefined) return this.pause({ state: 'denied', reason, message });
    void this.#open(waitMs);
    this.#recover(reason, message);
  }

  #recover(reason?: string, message?: string): void {
    const state = isOffline() ? 'offline' : this.#cursor === '' ? 'connecting' : 'recovering';
    this.#options.listener.onStatus({ state, reason, message });
  }

  /**
   * Looks whether the transports are alive.
   * @param isDoubted something speaks against it, such as a machine that has slept, or for another attempt.
   */
  #look(isDoubted: boolean): void {
    if (this.#lines.next?.isDead(false) === true) this.#lines.dropNext();
    if (this.#lines.current === undefined) {
      if (isDoubted && this.#isOpening) void this.#open();
    } else if (this.#lines.current.isDead(isDoubted)) this.#replace('silent', 'Nothing was heard any more.');
  }

  /** Takes the transport for dead and opens another. */
  #replace(reason: string, message: string): void {
    const waitMs = this.#attempts.afterSilence(this.#lines.current?.isEstablished === true);
    this.#isAfterSilence = true;
    // As far as the server knows, somebody still listens.
    this.#lines.leave();
    this.#goOn({ waitMs, reason, message });
  }

  async #connect(token: string): Promise<Line> {
    const openingMs = this.#isAfterSilence ? openingAfterSilence(this.#attempts.failed) : undefined;
    const line: Line = new Line(
      token,
      await this.#options.openTransport(
        { token, cursor: this.#cursor, openingMs },
        {
          onFrame: (frame) => this.#receive(line, frame),
          onInterrupted: () => this.#interrupted(line),
          onEnd: (end) => this.#ended(line, end),
        },
      ),
      this.#options.leave,
    );
    return line;
  }

  #receive(line: Line, frame: StreamFrame): void {
    const { name, id, data } = frame;
    const { listener } = this.#options;
    const content = JSON.parse(data) as Message & ControlContent;
    const isFirst = this.#cursor === '';
    // An `end` that stands for a failed start has no cursor, nor has what is told about other users.
    if (id !== '') this.#cursor = id;
    const isTask = name === 'message' && isTaskEvent(content);
    if (isTask && this.#overlap.isRepeated(id, this.#lines.next !== undefined)) return;
    listener.onFrame(frame);
    if (line !== this.#lines.current && line !== this.#lines.next) return;
    if (name === 'message') {
      if (content.type !== establishedType) return;
      line.establish(content.connectionId, content.timestamp);
      return this.#established(line, isFirst);
    }
    const { complete, reason, timestamp } = content as ControlContent;
    if (name === 'ping' && timestamp !== undefined) line.pinged(timestamp);
    if (complete === false) listener.onReload(reason as ReloadReason);
    if (name === 'handover') void this.#handOver(line, reason);
    if (name === 'end') this.#close(line, content);
  }

  #established(line: Line, isFirst: boolean): void {
    this.#attempts.established();
    this.#isAfterSilence = false;
    if (line === this.#lines.next) this.#lines.promoteNext();
    this.#options.listener.onStatus({ state: 'live' });
    // A session that goes on after a cursor says in its next frame whether it could.
    if (isFirst) this.#options.listener.onReload('started');
  }

  /** Opens the next transport before this one ends, so that nobody is ever without one. */
  async #handOver(line: Line, reason: string | undefined): Promise<void> {
    this.#refuseExpired(line, reason);
    // Without a token there is no next one: then this one ends, and `open` does what is to be done.
    const token = await this.#options.tokens.current().catch(() => undefined);
    const isOver = (): boolean => line !== this.#lines.current || this.#lines.next !== undefined;
    if (token === undefined || isOver()) return;
    this.#overlap.begin();
    const next = await this.#connect(token).catch(() => undefined);
    if (isOver()) next?.close();
    else this.#lines.next = next;
  }

  /** With this token every other stream would be refused. */
  #refuseExpired(line: Line, reason: string | undefined): void {
    if (reason === tokenExpired && line.isByToken) this.#options.tokens.refuse(line.token, expired);
  }

  /**
   * The server has said that it ends the session. Whether the client may come back is what `reconnect` says, of reasons
   * that it has never heard of too; the end of the transport follows.
   */
  #close(line: Line, content: ControlContent): void {
    const { reason = 'no reason given', reconnect } = content;
    line.end = content;
    this.#refuseExpired(line, reason);
    if (reconnect !== false) return;
    line.close();
    if (line === this.#lines.next) this.#lines.dropNext();
    if (line !== this.#lines.current) return;
    if (reason !== tokenExpired) return this.pause({ state: 'denied', reason, message: describeEnd(reason) });
    // With the same token the next answer would be 401.
    this.#ended(line, { retryMs: 0 });
  }

  /** EventSource comes back by itself. */
  #interrupted(line: Line): void {
    if (line === this.#lines.next) return this.#lines.dropNext();
    if (line === this.#lines.current) this.#recover(line.end?.reason ?? 'lost');
    line.end = undefined;
  }

  #ended(line: Line, { error, retryMs }: TransportEnd): void {
    if (isTokenRefusal(error)) this.#options.tokens.refuse(line.token, error);
    // The one that still lives says what is wrong when its time has come.
    if (line === this.#lines.next) return this.#lines.dropNext();
    if (line !== this.#lines.current) return;
    // To a page that is going away it looks ended.
    line.leave();
    if (this.#lines.next) {
      this.#lines.promoteNext();
      return this.#recover(line.end?.reason ?? 'lost');
    }
    this.#lines.current = undefined;
    this.#goOn(
      error === undefined
        ? this.#attempts.afterEnd(line.end?.reason, line.isSettled, retryMs)
        : this.#attempts.afterRefusal(error),
    );
  }
}
