import type { Clock } from '../clock.ts';
import type { SessionEnding } from './ending.ts';
import { SessionEnd } from './ending.ts';

/** Where frames go. */
export interface Sink {
  /** Takes text; gives nothing when there is room for more at once, else a promise of room. */
  write(text: string): Promise<void> | undefined;
  /** Whether nothing that is written arrives any more. */
  isBroken(): boolean;
}

/** Text is handed over at the latest when it has this many characters: what bounds a session's memory. */
const WRITE_CHARACTERS = 64 * 1024;

/** How long a client takes nothing until it counts as stalled, milliseconds: well above what a busy network holds up. */
const STALL_MS = 1000;

/** How long the last frame may wait for a client that does not read, milliseconds. */
const LAST_FRAME_MS = 1000;

export interface SessionOutputOptions {
  readonly sink: Sink;
  readonly clock: Clock;
  /** How long a write may wait for a client that does not read, milliseconds. */
  readonly slowReaderMs: number;
  /** Hears that a write waits for a client that has stalled. */
  readonly onStall: () => void;
}

/** The frames of one session on their way to its client, a few at a time. */
export class SessionOutput {
  readonly #ending: SessionEnding;
  readonly #options: SessionOutputOptions;
  #pending = '';

  constructor(ending: SessionEnding, options: SessionOutputOptions) {
    this.#ending = ending;
    this.#options = options;
  }

  /** Whether it is time to hand over what was added. */
  get isFull(): boolean {
    return this.#pending.length >= WRITE_CHARACTERS;
  }

  add(frame: string): void {
    this.#pending += frame;
  }

  /**
   * Hands over what was added; gives a promise only where there is no room for more, so that others do not wait.
   * It rejects with `SessionEnd` when the client does not read, or the session ends meanwhile.
   */
  flush(): Promise<void> | undefined {
    if (this.#pending === '') return undefined;
    const text = this.#pending;
    this.#pending = '';
    const room = this.#options.sink.write(text);
    return room && this.#untilRoom(room);
  }

  /** Hands over the last frame, and whatever is left before it. */
  async last(frame: string): Promise<void> {
    const room = this.#options.sink.write(this.#pending + frame);
    if (room) await Promise.race([room, this.#options.clock.sleep(LAST_FRAME_MS)]);
  }

  /** Waits for room, but not longer than a slow reader is given, nor than the session lives. */
  async #untilRoom(room: Promise<void>): Promise<void> {
    const given = new AbortController();
    try {
      const first = await this.#ending.unlessOver(Promise.race([room, this.#patience(given.signal)]));
      if (first === 'slow') throw new SessionEnd('slow_reader');
    } finally {
      given.abort();
    }
  }

  async #patience(given: AbortSignal): Promise<'slow'> {
    const { clock, slowReaderMs, onStall } = this.#options;
    await clock.sleep(Math.min(STALL_MS, slowReaderMs), given);
    if (!given.aborted) onStall();
    await clock.sleep(slowReaderMs - STALL_MS, given);
    return 'slow';
  }
}
