import type { ReloadReason, StreamFrame } from '../connection/source.ts';
import { isTaskEvent } from '../shared/task-event.ts';

/** What a leader tells: a frame, or that whoever keeps a state loads it now, and why. */
export type Item = StreamFrame | ReloadReason;

/** An item, and the term of the leader that it came from. */
export interface Entry {
  readonly term: number;
  readonly item: Item;
}

/** How much of it a tab keeps for others: so many entries, and so many characters of data. */
const mostEntries = 256;
const mostCharacters = 1_000_000;

/**
 * What a tab has heard, numbered from 0 through all leaders, as far back as it keeps it. No two leaders have a term in common
 * and each adds its entries one after another, so two tabs that have the same term at a number have the same up to it.
 */
export class SharedLog {
  /** Number of the first entry that is kept. */
  first = 0;
  #entries: Entry[] = [];
  #characters = 0;
  /** The term of the entry before the first. */
  #baseTerm = 0;
  /** The cursor before the first entry. */
  #baseCursor: string;
  readonly #most: number;

  /** @param cursor where it begins; empty: now. */
  constructor(cursor: string, most = mostEntries) {
    this.#baseCursor = cursor;
    this.#most = most;
  }

  /** The number that the next entry gets. */
  get next(): number {
    return this.first + this.#entries.length;
  }

  /** The terms of all entries that are kept, and of the one before. */
  get terms(): number[] {
    return [this.#baseTerm, ...this.#entries.map(({ term }) => term)];
  }

  /**
   * Where the stream goes on after the entries before a number. The first frames of a session say where it began, which may be
   * before the last event; they count where no event came before, or a load comes after.
   */
  cursorAt(number: number): string {
    let began = '';
    let isLoaded = typeof this.#entries[number - this.first]?.item === 'string';
    for (const { item } of this.#entries.slice(0, number - this.first).toReversed()) {
      if (typeof item === 'string') isLoaded = true;
      else if (item.id !== '') {
        if (isLoaded || !isOfBeginning(item)) return item.id;
        began ||= item.id;
      }
    }
    return this.#baseCursor || began;
  }

  from(number: number): Entry[] {
    return this.#entries.slice(number - this.first);
  }

  /** Whether an event of this id is among what is kept. */
  hasEvent(id: string): boolean {
    return this.#entries.some(({ item }) => (item as Partial<StreamFrame>).id === id && isEvent(item));
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
    this.#characters += sizeOf(entry);
    while (this.#entries.length > this.#most || this.#characters > mostCharacters) {
      this.#baseCursor = this.cursorAt(this.first + 1);
      const dropped = this.#entries.shift()!;
      this.#baseTerm = dropped.term;
      this.#characters -= sizeOf(dropped);
      this.first += 1;
    }
  }

  /**
   * The number up to which another log says the same; undefined where that is not known, or not kept here.
   * @param terms of the other log, from its number `first` on; of a term that goes back before it, it has what is here.
   */
  agreesUpTo(first: number, terms: readonly number[]): number | undefined {
    const own = this.terms;
    for (let at = Math.min(first + terms.length - 1, this.next); at >= this.first; at -= 1) {
      const term = own[at - this.first];
      // Where nobody has led, nothing is in common.
      if (term && term === terms[Math.max(0, at - first)]) return at;
    }
    return undefined;
  }

  /** Drops the entries from a number on. */
  cut(number: number): void {
    for (const entry of this.#entries.splice(number - this.first)) this.#characters -= sizeOf(entry);
  }

  /** Begins anew, where another log is. */
  moveTo(number: number, term: number, cursor: string): void {
    this.#entries = [];
    this.#characters = 0;
    this.first = number;
    this.#baseTerm = term;
    this.#baseCursor = cursor;
  }
}

/** Whether a frame is one of the first of a session. */
function isOfBeginning(frame: StreamFrame): boolean {
  return frame.name === 'resume' || (frame.name === 'message' && !isEvent(frame));
}

/** Whether an item is an event about a task: those are told once, whoever leads. */
export function isEvent(item: Item): item is StreamFrame {
  if (typeof item === 'string' || item.name !== 'message' || item.id === '') return false;
  return isTaskEvent(JSON.parse(item.data) as { readonly type: string });
}

function sizeOf({ item }: Entry): number {
  return typeof item === 'string' ? 0 : item.data.length;
}
