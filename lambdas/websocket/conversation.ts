import { establishedType } from '../../protocol/frames.ts';
import type { Established } from '../../protocol/frames.ts';
import { encodeData } from '../../protocol/json.ts';
import { encodeNotice, encodeSocketFrame } from '../../protocol/web-socket.ts';
import type { CaughtUpFrame } from '../../core/push/catch-up.ts';
import { CatchUp } from '../../core/push/catch-up.ts';
import { placeOf } from '../../core/push/place.ts';
import type { OpenSocket, Subscriber } from '../../core/push/socket.ts';
import { subscriptionOf } from '../../core/push/socket.ts';
import { Refusal } from '../../core/refusal.ts';
import type { LogWalkPorts } from '../../core/session/log-walk.ts';
import type { SocketStore } from '../shared/dynamodb/socket-store.ts';
import type { SubscriberStore } from '../shared/dynamodb/subscriber-store.ts';
import { longestSocketMs } from './connect.ts';
import type { ClientMessage } from './message.ts';

/** So long before API Gateway ends a connection its client is told, milliseconds: it may open the next one first. */
const handoverMs = 10 * 60 * 1000;

/** A frame was not taken for its client, which sees by itself that it lacks one. */
export class FrameNotSent extends Error {
  override readonly name = 'FrameNotSent';
}

export interface ConversationOptions extends LogWalkPorts {
  readonly openSockets: Pick<SocketStore, 'subscribe'>;
  readonly subscribers: Pick<SubscriberStore, 'put' | 'remove'>;
  /**
   * Sends a message to a connection.
   * @returns false where it is gone.
   */
  readonly send: (socket: string, text: string) => Promise<boolean>;
}

/** Answers what clients of WebSockets ask for. */
export class Conversation {
  readonly #options: ConversationOptions;

  constructor(options: ConversationOptions) {
    this.#options = options;
  }

  /**
   * Answers one message.
   * @returns false where the connection is gone.
   * @throws {Refusal} when there is no such subscription; {SessionEnd} when the log cannot be read; {FrameNotSent}; what
   *   the tables throw.
   */
  async answer(socket: OpenSocket, message: ClientMessage): Promise<boolean> {
    const { action, cursor, since } = message;
    const timestamp = new Date(this.#options.clock.now()).toISOString();
    if (action === 'subscribe') {
      const subscriber = await this.#subscribe(socket, message);
      if (subscriber === undefined) return false;
      const { id: connectionId, principal } = socket;
      const established: Established = {
        type: establishedType,
        connectionId,
        userId: principal.user,
        timestamp,
      };
      const live = { event: 'live', json: encodeData({ timestamp }) } as const;
      const frames = new CatchUp(subscriptionOf(subscriber), this.#options).frames(
        { cursor, since },
        encodeData(established),
        live,
        true,
      );
      return this.#send(subscriber, frames);
    }
    if (action === 'ping' && socket.subscription === undefined && message.subscription === undefined) {
      return this.#sendOne(socket.socket, encodeNotice('ping', { timestamp }));
    }
    const subscriber = subscriberOf(socket, message);
    const last = { event: action === 'ping' ? 'ping' : 'live', json: encodeData({ timestamp }) } as const;
    const catchUp = new CatchUp(subscriptionOf(subscriber), this.#options);
    await this.#announceEnd(socket);
    return this.#send(subscriber, catchUp.frames({ cursor }, undefined, last, action === 'resume'));
  }

  /**
   * Notes a subscription. First where it is looked up, so that whatever is logged after this is pushed; and only then with
   * the socket, which whoever ends it takes away first.
   * @returns undefined where the socket is gone.
   */
  async #subscribe(socket: OpenSocket, message: ClientMessage): Promise<Subscriber | undefined> {
    const { openSockets, subscribers } = this.#options;
    const subscription = { name: message.subscription, filter: message.filter };
    const subscriber: Subscriber = { ...socket, subscription };
    await subscribers.put(subscriber);
    if (await openSockets.subscribe(socket.socket, subscription)) return subscriber;
    await subscribers.remove(socket);
    return undefined;
  }

  async #send({ socket, subscription }: Subscriber, frames: AsyncIterable<CaughtUpFrame>): Promise<boolean> {
    for await (const { id, event, json, position, before, given } of frames) {
      const places = { log: position.log, place: placeOf(position), after: before && placeOf(before) };
      const text = encodeSocketFrame({ subscription: subscription.name, id, event, ...places, given, json });
      if (!(await this.#sendOne(socket, text))) return false;
    }
    return true;
  }

  async #sendOne(socket: string, text: string): Promise<boolean> {
    try {
      return await this.#options.send(socket, text);
    } catch (error) {
      throw new FrameNotSent('a frame was not taken', { cause: error });
    }
  }

  /** API Gateway says nothing before it ends a connection that is old. */
  async #announceEnd({ socket, connectedAt }: OpenSocket): Promise<void> {
    const { clock } = this.#options;
    const endsAt = connectedAt + longestSocketMs;
    if (clock.now() < endsAt - handoverMs) return;
    const data = { reason: 'session_length', endsAt: new Date(endsAt).toISOString() } as const;
    await this.#sendOne(socket, encodeNotice('handover', data));
  }
}

/**
 * The subscription that a message is about.
 * @throws {Refusal} 404 when the socket has none, or another.
 */
function subscriberOf(socket: OpenSocket, message: ClientMessage): Subscriber {
  const { subscription } = socket;
  if (subscription !== undefined && subscription.name === message.subscription) {
    return { ...socket, subscription };
  }
  throw new Refusal(
    'subscription_unknown',
    'there is no such subscription on this connection: subscribe again',
  );
}
