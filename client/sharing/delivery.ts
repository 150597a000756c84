import type { ReloadReason, SourceListener, StreamFrame } from '../connection/source.ts';
import type { News } from './messages.ts';
import type { Entry, SharedLog } from './shared-log.ts';
import { isEvent } from './shared-log.ts';

/** Tells a tab what comes into its log: each event once and in order, whoever leads. */
export class Delivery {
  readonly #log: SharedLog;
  readonly #listener: SourceListener;
  /** Why a load is to be asked for, as soon as there is a place in the stream to load it at; undefined when none is. */
  #due: ReloadReason | undefined;
  /** The last event that was told, and its number. */
  #told: { readonly id: string; readonly number: number } | undefined;
  /** The leader was not as far as this tab, and brings again what this tab was told, up to this event. */
  #until: string | undefined;

  constructor(log: SharedLog, listener: SourceListener, isStarted: boolean) {
    this.#log = log;
    this.#listener = listener;
    this.#due = isStarted ? undefined : 'started';
  }

  /** Whether a load was ever asked for: before that there is no state that could miss something. */
  get isStarted(): boolean {
    return this.#due !== 'started';
  }

  /** Adds an entry, and tells it unless it was told. */
  take(entry: Entry): void {
    const { item } = entry;
    const wasTold = isEvent(item) && this.#wasTold(item);
    this.#log.add(entry);
    if (typeof item === 'string') this.#reload(item);
    else if (!wasTold) this.#listener.onFrame(item);
  }

  /** Goes to where the leader is, as an answer of it says. */
  join({ at, entries, answer: { isReset, term, cursor, awareness } }: Required<News>): void {
    if (isReset) {
      this.#forget();
      this.#due ??= 'history_expired';
    } else if (this.#told && this.#told.number >= at) this.#until ??= this.#told.id;
    if (isReset || at < this.#log.first) this.#log.moveTo(at, term, cursor);
    else this.#log.cut(at);
    for (const entry of entries) this.take(entry);
    // Where the leader has no cursor, its stream has not begun, and will say so.
    if (this.#due && cursor !== '') this.#reload(this.#due);
    for (const frame of awareness) this.#listener.onFrame(frame);
  }

  #wasTold({ id }: StreamFrame): boolean {
    // A session that has two transports for a moment may have gone back with its cursor.
    if (this.#until === undefined && this.#log.hasEvent(id)) return true;
    const wasTold = this.#until !== undefined;
    if (this.#until === id) this.#until = undefined;
    if (this.#until === undefined) this.#told = { id, number: this.#log.next };
    return wasTold;
  }

  #reload(reason: ReloadReason): void {
    this.#forget();
    this.#due = undefined;
    this.#listener.onReload(reason, this.#log.cursorAt(this.#log.next));
  }

  #forget(): void {
    this.#told = undefined;
    this.#until = undefined;
  }
}
