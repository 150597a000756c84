import type { Place, SocketAction, SocketEvent } from '../../protocol/web-socket.ts';
import type { Subscription } from './transport.ts';

/** A message of the server, as far as a follower looks into it. */
export interface ReceivedMessage {
  readonly subscription?: string;
  readonly id?: string;
  readonly event: SocketEvent;
  readonly log?: string;
  readonly place?: Place;
  readonly after?: Place;
  readonly given?: string;
  readonly data: { readonly code?: string; readonly [field: string]: unknown };
}

/** A message to the server. */
export interface SentMessage {
  readonly action: SocketAction;
  readonly subscription: string;
  readonly cursor?: string;
}

function isLater(one: Place, other: Place): boolean {
  return (one[0] - other[0] || one[1] - other[1] || one[2] - other[2]) > 0;
}

/**
 * Gives each frame of a workspace once and in order, whatever the connection does to them: the rules of docs/PROTOCOL.md,
 * "Pushes are hints".
 */
export class SocketFollower {
  readonly #send: (message: SentMessage) => void;
  readonly #deliver: (message: ReceivedMessage) => void;
  #wanted: Subscription = {};
  #subscription = 0;
  #log: string | undefined;
  /** The one before, of which something may still be on its way; null where there was none. */
  #formerLog: string | undefined | null = null;
  #place: Place | undefined;
  #cursor = '';
  /** The cursor of the question whose answer may put the client elsewhere. */
  #sent: string | undefined;
  #isAsked = false;
  /** Frames after a gap. */
  #kept: ReceivedMessage[] = [];

  constructor(send: (message: SentMessage) => void, deliver: (message: ReceivedMessage) => void) {
    this.#send = send;
    this.#deliver = deliver;
  }

  /**
   * Begins, or begins anew.
   * @param wanted what it asked for before, unless it is said.
   * @param cursor where; it goes on from where it is unless it is said, and begins now where it is nowhere.
   */
  subscribe(wanted = this.#wanted, cursor = this.#cursor): void {
    this.#subscription += 1;
    this.#wanted = wanted;
    this.#cursor = cursor;
    this.#place = undefined;
    this.#kept = [];
    this.#say('subscribe', this.#wanted);
  }

  /** Asks whether something was lost, which shows too that the connection is alive. */
  ping(): void {
    this.#ask('ping');
  }

  receive(message: ReceivedMessage): void {
    if (message.subscription !== String(this.#subscription)) return;
    if (message.data.code === 'subscription_unknown') return this.subscribe();
    // About other users, or an error.
    if (message.place === undefined) return this.#deliver(message);
    this.#kept.push(message);
    for (let left = Infinity; this.#kept.length < left;) {
      left = this.#kept.length;
      this.#kept = this.#kept.filter((kept) => !this.#take(kept));
    }
    if (['live', 'ping', 'catching_up'].includes(message.event)) this.#isAsked = false;
    if (!this.#isAsked && (this.#kept.length > 0 || message.event === 'catching_up')) this.#ask('resume');
  }

  /** Whether a frame is done with: told, now or before. */
  #take(message: ReceivedMessage): boolean {
    const { after, given, log, place = [0, 0, 0] } = message;
    if (log === this.#formerLog) return true;
    const here = this.#place;
    if (after && (!here || log !== this.#log || isLater(after, here))) return false;
    if (after && here ? !isLater(place, here) : given !== undefined ? given !== this.#sent : here)
      return true;
    if (given !== undefined) this.#sent = undefined;
    if (log !== this.#log) [this.#formerLog, this.#log] = [this.#log, log];
    this.#place = place;
    this.#cursor = message.id ?? this.#cursor;
    this.#deliver(message);
    return true;
  }

  /** Asks from where it is, or begins anew where it is nowhere: the beginning was lost. */
  #ask(action: 'resume' | 'ping'): void {
    if (this.#place) this.#say(action);
    else this.subscribe();
  }

  #say(action: SocketAction, more: object = {}): void {
    this.#isAsked = true;
    this.#sent = this.#cursor;
    this.#send({
      action,
      subscription: String(this.#subscription),
      ...(this.#cursor !== '' && { cursor: this.#cursor }),
      ...more,
    });
  }
}
