import { establishedType } from '../../protocol/frames.ts';
import type { Established } from '../../protocol/frames.ts';
import { encodeData } from '../../protocol/json.ts';
import { encodeNotice, encodeSocketFrame } from '../../protocol/web-socket.ts';
import type { CaughtUpFrame } from '../../core/push/catch-up.ts';
import { CatchUp } from '../../core/push/catch-up.ts';
import { placeOf } from '../../core/push/place.ts';
import type { OpenSocket, SocketSubscription, Subscriber } from '../../core/push/socket.ts';
import { subscriptionOf } from '../../core/push/socket.ts';
import type { Observer } from '../../core/observer.ts';
import { Refusal } from '../../core/refusal.ts';
import type { LogWalkPorts } from '../../core/session/log-walk.ts';
import type { AwarenessService } from '../shared/awareness/awareness-service.ts';
import type { SocketStore } from '../shared/dynamodb/socket-store.ts';
import type { SubscriberStore } from '../shared/dynamodb/subscriber-store.ts';
import type { AwarenessBeginningPorts } from './awareness-beginning.ts';
import { awarenessBeginning } from './awareness-beginning.ts';
import { longestSocketMs } from './connect.ts';
import type { ClientMessage, LogMessage, SaidMessage } from './message.ts';

/** So long before API Gateway ends a connection its client is told, milliseconds: it may open the next one first. */
const handoverMs = 10 * 60 * 1000;

/** A frame was not taken for its client, which sees by itself that it lacks one. */
export class FrameNotSent extends Error {
  override readonly name = 'FrameNotSent';
}

export interface ConversationOptions extends LogWalkPorts {
  readonly observer: Pick<Observer, 'resumed' | 'told' | 'trouble'>;
  readonly openSockets: Pick<SocketStore, 'subscribe'>;
  readonly subscribers: Pick<SubscriberStore, 'put' | 'remove'>;
  readonly awareness: Pick<AwarenessService, 'view' | 'type' | 'look' | 'lookAround'>;
  readonly said: AwarenessBeginningPorts['said'];
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
    if (message.action === 'presence' || message.action === 'typing') return this.#say(socket, message);
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
      return (await this.#send(subscriber, frames)) && this.#tellPresence(subscriber);
    }
    if (action === 'ping' && socket.subscription === undefined && message.subscription === undefined) {
      return this.#sendOne(socket.socket, encodeNotice('ping', { timestamp }));
    }
    const subscriber = subscriberOf(socket, message);
    const last = { event: action === 'ping' ? 'ping' : 'live', json: encodeData({ timestamp }) } as const;
    const catchUp = new CatchUp(subscriptionOf(subscriber), this.#options);
    await this.#announceEnd(socket);
    const isThere = await this.#send(
      subscriber,
      catchUp.frames({ cursor }, undefined, last, action === 'resume'),
    );
    // Tasks first: they do not wait for it, and are told where it fails.
    if (isThere && action === 'ping' && subscriber.subscription.presence)
      await this.#options.awareness.lookAround(socket.principal);
    return isThere;
  }

  /**
   * Notes a subscription. First where it is looked up, so that whatever is logged after this is pushed; and only then with
   * the socket, which whoever ends it takes away first.
   * @returns undefined where the socket is gone.
   */
  async #subscribe(socket: OpenSocket, message: LogMessage): Promise<Subscriber | undefined> {
    const { openSockets, subscribers } = this.#options;
    const { subscription: name, filter, presence } = message;
    const subscription: SocketSubscription = { name, filter, ...(presence && { presence }) };
    const subscriber: Subscriber = { ...socket, subscription };
    await subscribers.put(subscriber);
    if (await openSockets.subscribe(socket.socket, subscription)) return subscriber;
    await subscribers.remove(socket);
    return undefined;
  }

  /** Says something of the user, and answers until when it counts. */
  async #say({ socket, principal }: OpenSocket, message: SaidMessage): Promise<boolean> {
    const { awareness } = this.#options;
    const { subscription } = message;
    if (message.action === 'presence') {
      const { view } = message;
      const expiresAt = new Date(await awareness.view(principal, view)).toISOString();
      return this.#sendOne(
        socket,
        encodeNotice('presence', { viewId: view.viewId, expiresAt }, subscription),
      );
    }
    const { task: taskId, typing } = message;
    const expiresAt = new Date(await awareness.type(principal, taskId, typing)).toISOString();
    return this.#sendOne(socket, encodeNotice('typing', { taskId, typing, expiresAt }, subscription));
  }

  /** Tells a subscriber who is there and who types, if it has asked for that; what is said from now on is pushed to it. */
  async #tellPresence({ socket, principal, subscription }: Subscriber): Promise<boolean> {
    if (!subscription.presence) return true;
    for (const event of await awarenessBeginning(principal, this.#options)) {
      if (!(await this.#sendOne(socket, encodeNotice('message', event, subscription.name)))) return false;
    }
    return true;
  }

  async #send(
    { socket, id: connection, subscription }: Subscriber,
    frames: AsyncIterable<CaughtUpFrame>,
  ): Promise<boolean> {
    const { observer } = this.#options;
    for await (const { id, event, json, position, before, given, resume, writtenAt } of frames) {
      const places = { log: position.log, place: placeOf(position), after: before && placeOf(before) };
      const text = encodeSocketFrame({ subscription: subscription.name, id, event, ...places, given, json });
      if (!(await this.#sendOne(socket, text))) return false;
      if (resume) observer.resumed(connection, resume);
      // Who asks may have waited for that as long as it liked.
      if (writtenAt !== undefined) observer.told(undefined);
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
function subscriberOf(socket: OpenSocket, message: LogMessage): Subscriber {
  const { subscription } = socket;
  if (subscription !== undefined && subscription.name === message.subscription) {
    return { ...socket, subscription };
  }
  throw new Refusal(
    'subscription_unknown',
    'there is no such subscription on this connection: subscribe again',
  );
}
