import type { Clock } from '../../core/clock.ts';
import { forEachOf } from '../../core/for-each.ts';
import type { Appended } from '../../core/log/append.ts';
import type { Observer } from '../../core/observer.ts';
import type { HandOnPorts } from '../shared/push/hand-on.ts';
import { handOnOrder, HandOnTimeout } from '../shared/push/hand-on.ts';
import type { SegmentsOrder } from '../shared/push/push-function.ts';

/** What was appended to the log of one workspace. */
export interface AppendedTo extends Pick<Appended, 'changes' | 'segments'> {
  readonly workspace: string;
}

export interface HandOnOptions extends HandOnPorts {
  readonly clock: Clock;
  readonly observer: Pick<Observer, 'trouble'>;
}

/**
 * How long a batch may take for it, milliseconds: the next one waits so long. The first number is for a process that has to
 * connect first, and for one whose neighbours take the processor. The second is for one that has just waited in vain: while
 * the table or Lambda does not answer, that is what each batch loses.
 */
const limitsMs = { usual: 2000, afterTimeout: 400 };

/** How many workspaces are looked at at a time. */
const concurrency = 16;

/**
 * Hands new segments on to the function that pushes them, where somebody has subscribed. Who is not pushed to finds out by
 * itself (docs/PROTOCOL.md, "Pushes are hints"), so whatever goes wrong here is told to the operator and forgotten.
 */
export class HandOn {
  readonly #options: HandOnOptions;
  #limitMs = limitsMs.usual;

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
      await handOnOrder(order, this.#options, ended.signal).catch((error: unknown) => errors.push(error));
      left -= 1;
    });
    const limitMs = this.#limitMs;
    await Promise.race([all, clock.sleep(limitMs, ended.signal)]);
    this.#limitMs = left > 0 ? limitsMs.afterTimeout : limitsMs.usual;
    // Before the calls that are broken off fail with an error of their own.
    const [error] = [...errors, ...(left > 0 ? [new HandOnTimeout(`not in ${limitMs} ms`)] : [])];
    const failed = errors.length + left;
    ended.abort();
    if (failed > 0) observer.trouble('new segments were not handed on to be pushed', error, { failed });
  }
}

/** The order for what was appended; none where nothing was. What another writer has put in between is pushed with it. */
function orderFor({ workspace, segments }: AppendedTo): SegmentsOrder[] {
  const [first] = segments;
  const last = segments.at(-1);
  if (!first || !last) return [];
  return [{ workspace, log: first.log, first: first.segment, last: last.segment }];
}
