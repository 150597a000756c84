import type { Clock } from '../../core/clock.ts';
import { forEachOf } from '../../core/for-each.ts';
import type { Appended } from '../../core/log/append.ts';
import type { Observer } from '../../core/observer.ts';
import type { SubscriberStore } from '../shared/dynamodb/subscriber-store.ts';
import type { PushFunction, PushOrder } from '../shared/push/push-function.ts';

/** What was appended to the log of one workspace. */
export interface AppendedTo extends Appended {
  readonly workspace: string;
}

export interface HandOnOptions {
  readonly subscribers: Pick<SubscriberStore, 'page'>;
  readonly push: Pick<PushFunction, 'order'>;
  readonly clock: Clock;
  readonly observer: Pick<Observer, 'trouble'>;
}

/** How long a batch may take for it, milliseconds: the next one waits so long. */
const limitMs = 400;

/** How many workspaces are looked at at a time. */
const concurrency = 16;

/** There was no time to hand everything on. By name, the log knows it as trouble that passes. */
class HandOnTimeout extends Error {
  override readonly name = 'HandOnTimeout';
}

/**
 * Hands new segments on to the function that pushes them, where somebody has subscribed. Who is not pushed to finds out by
 * itself (docs/PROTOCOL.md, "Pushes are hints"), so whatever goes wrong here is told to the operator and forgotten.
 */
export class HandOn {
  readonly #options: HandOnOptions;

  constructor(options: HandOnOptions) {
    this.#options = options;
  }

  /** Never rejects, and resolves in a bounded time, whatever the table and Lambda do. */
  async handOn(appended: readonly AppendedTo[]): Promise<void> {
    const { clock, observer } = this.#options;
    const orders = appended.flatMap(orderFor);
    if (orders.length === 0) return;
    const ended = new AbortController();
    const errors: unknown[] = [];
    let left = orders.length;
    const all = forEachOf(orders, concurrency, async (order) => {
      if (ended.signal.aborted) return;
      await this.#handOn(order, ended.signal).catch((error: unknown) => errors.push(error));
      left -= 1;
    });
    await Promise.race([all, clock.sleep(limitMs, ended.signal)]);
    // Before the calls that are broken off fail with an error of their own.
    const [error] = [...errors, ...(left > 0 ? [new HandOnTimeout(`not in ${limitMs} ms`)] : [])];
    const failed = errors.length + left;
    ended.abort();
    if (failed > 0) observer.trouble('new segments were not handed on to be pushed', error, { failed });
  }

  async #handOn(order: PushOrder, signal: AbortSignal): Promise<void> {
    const { subscribers } = await this.#options.subscribers.page(order.workspace, undefined, 1, signal);
    if (subscribers.length > 0 && !signal.aborted) await this.#options.push.order(order, signal);
  }
}

/** The order for what was appended; none where nothing was. What another writer has put in between is pushed with it. */
function orderFor({ workspace, segments }: AppendedTo): PushOrder[] {
  const [first] = segments;
  const last = segments.at(-1);
  if (!first || !last) return [];
  return [{ workspace, log: first.log, first: first.segment, last: last.segment }];
}
