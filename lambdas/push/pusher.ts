import type { AwarenessEntry } from '../../core/awareness/entries.ts';
import { eventsOfEntry } from '../../core/awareness/viewer.ts';
import type { Clock } from '../../core/clock.ts';
import { forEachOf } from '../../core/for-each.ts';
import { CursorSeal } from '../../core/log/cursor.ts';
import type { Observer } from '../../core/observer.ts';
import { placeOf } from '../../core/push/place.ts';
import { pushesOf } from '../../core/push/pushes.ts';
import type { Subscriber } from '../../core/push/socket.ts';
import { subscriptionOf } from '../../core/push/socket.ts';
import { encodeNotice, encodeSocketFrame } from '../../protocol/web-socket.ts';
import type { SubscriberStore } from '../shared/dynamodb/subscriber-store.ts';
import type { PushFunction, PushOrder, SegmentsOrder } from '../shared/push/push-function.ts';
import type { SocketEnds } from '../shared/web-socket/socket-ends.ts';
import type { Delivery } from '../shared/web-socket/delivery.ts';
import type { NewSegments } from './new-segments.ts';

export interface PusherOptions {
  readonly subscribers: Pick<SubscriberStore, 'page'>;
  /** As `readNewSegments` has it. */
  readonly read: (order: SegmentsOrder) => Promise<NewSegments | undefined>;
  /** This function itself, for the next page. */
  readonly self: Pick<PushFunction, 'order'>;
  readonly delivery: Pick<Delivery, 'send'>;
  readonly ends: Pick<SocketEnds, 'end' | 'forget'>;
  readonly clock: Clock;
  readonly observer: Pick<Observer, 'told' | 'pushed' | 'trouble'>;
}

/** How many subscribers an invocation pushes to. */
export const pageSize = 100;

/** How many of them at a time: one that is slow or dead keeps one of these places, and nobody else waits for it. */
const atATime = 25;

/**
 * How long an invocation pushes, milliseconds. It has looked before who may be pushed to: whoever is ended meanwhile is to be
 * told nothing after 5 s.
 */
const pushMs = 4000;

/**
 * What one subscriber is to be sent, in its order.
 * @param made hears of each, as it is made, when its change was written.
 */
type MessagesFor = (subscriber: Subscriber, made: Made) => Iterable<string>;
type Made = (writtenAt: number | undefined) => void;

/** Pushes what new segments tell, or what was said of other users, to a page of subscribers. */
export class Pusher {
  readonly #options: PusherOptions;

  constructor(options: PusherOptions) {
    this.#options = options;
  }

  /**
   * Carries an order out for one page, and orders the next one first, so that pages are pushed side by side. Never rejects:
   * who is not pushed to finds out by itself, and a second try would bring to others what they have.
   */
  async push(order: PushOrder): Promise<void> {
    const { subscribers, clock, observer } = this.#options;
    const until = clock.now() + pushMs;
    try {
      const page = await subscribers.page(order.workspace, order.after, pageSize);
      const next = this.#orderNext(order, page.next);
      try {
        const messages = page.subscribers.length > 0 ? await this.#messagesOf(order) : undefined;
        if (messages && !('said' in order)) observer.pushed(order.workspace, page.subscribers.length);
        if (messages) await this.#pushTo(page.subscribers, messages, until);
      } finally {
        // Lambda stops the process with what is under way when this resolves.
        await next;
      }
    } catch (error) {
      observer.trouble('an order cannot be pushed', error, factsOf(order));
    }
  }

  /** @returns undefined where there is nothing to push. */
  async #messagesOf(order: PushOrder): Promise<MessagesFor | undefined> {
    const { read, clock } = this.#options;
    if ('said' in order) return (subscriber) => messagesOfSaid(subscriber, order.said, clock.now());
    const segments = await read(order);
    return segments && ((subscriber, made) => messagesFor(subscriber, segments, made));
  }

  async #orderNext(order: PushOrder, after: string | undefined): Promise<void> {
    // Lambda lets this function invoke itself as often as it likes, so it goes on only where it comes to an end.
    if (after === undefined || (order.after !== undefined && after <= order.after)) return;
    try {
      await this.#options.self.order({ ...order, after });
    } catch (error) {
      this.#options.observer.trouble('the other subscribers are not pushed to', error, factsOf(order));
    }
  }

  async #pushTo(page: readonly Subscriber[], messages: MessagesFor, until: number): Promise<void> {
    const errors: unknown[] = [];
    await forEachOf(page, atATime, async (subscriber) => {
      await this.#serve(subscriber, messages, until).catch((error: unknown) => errors.push(error));
    });
    if (errors.length > 0)
      this.#options.observer.trouble('pushes were given up', errors[0], { givenUp: errors.length });
  }

  async #serve(subscriber: Subscriber, messages: MessagesFor, until: number): Promise<void> {
    const { delivery, ends, clock, observer } = this.#options;
    if (subscriber.expiresAt <= clock.now()) return ends.end(subscriber, 'token_expired');
    const written: number[] = [];
    const made: Made = (at) => at !== undefined && written.push(at);
    const isThere = await delivery.send(subscriber.socket, messages(subscriber, made), until);
    if (!isThere) return ends.forget(subscriber);
    const now = clock.now();
    for (const at of written) observer.told(Math.max(0, now - at));
  }
}

/**
 * The frames of new segments for one subscriber, as messages. Only the next one is made: a page of subscribers with large
 * tasks would fill the memory.
 * @throws {Refusal} for a filter of a newer version, with the first one.
 */
export function* messagesFor(
  subscriber: Subscriber,
  { identity, earlier, fresh }: NewSegments,
  made: Made = () => undefined,
): Generator<string> {
  const { principal, subscription } = subscriber;
  const seal = new CursorSeal(identity, principal);
  const frames = pushesOf(earlier, fresh, subscriptionOf(subscriber));
  for (const { type, json, before, after, writtenAt } of frames) {
    made(writtenAt);
    yield encodeSocketFrame({
      subscription: subscription.name,
      id: seal.seal(after),
      event: type === 'resume' ? 'resume' : 'message',
      log: identity.log,
      place: placeOf(after),
      after: placeOf(before),
      json,
    });
  }
}

/** What was said of other users, for one subscriber. */
function* messagesOfSaid(
  { principal, subscription }: Subscriber,
  said: readonly AwarenessEntry[],
  now: number,
): Generator<string> {
  if (!subscription.presence) return;
  for (const event of said.flatMap((entry) => eventsOfEntry(entry, principal, now))) {
    yield encodeNotice('message', event, subscription.name);
  }
}

/** What the log may say of an order: not what was said of users. */
function factsOf({ workspace, after, ...order }: PushOrder): Readonly<Record<string, unknown>> {
  return { workspace, after, ...('said' in order ? { said: order.said.length } : order) };
}
