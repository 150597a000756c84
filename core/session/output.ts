import type { Frame } from '../../protocol/frames.ts';
import type { Clock } from '../clock.ts';
import type { EndWatch } from './end-watch.ts';
import { SessionEnd } from './end-watch.ts';
import type { Transport } from './transport.ts';

/** Frames are handed over at the latest when they have so many characters: what bounds a session's memory. */
const writeCharacters = 64 * 1024;

/** How long a client takes nothing until it counts as stalled, milliseconds: well above what a busy network holds up. */
const stallMs = 1000;

/** How long the last frame may wait for a client that does not read, milliseconds. */
const lastFrameMs = 1000;

/** The frames of one session on their way to its client, a few at a time. */
export class SessionOutput {
  readonly #transport: Transport;
  readonly #endWatch: EndWatch;
  readonly #clock: Clock;
  readonly #slowReaderMs: number;
  #pending: Frame[] = [];
  #characters = 0;

  /** @param slowReaderMs how long a write may wait for a client that does not read. */
  constructor(transport: Transport, endWatch: EndWatch, clock: Clock, slowReaderMs: number) {
    this.#transport = transport;
    this.#endWatch = endWatch;
    this.#clock = clock;
    this.#slowReaderMs = slowReaderMs;
  }

  /** Whether it is time to hand over what was added. */
  get isFull(): boolean {
    return this.#characters >= writeCharacters;
  }

  add(frame: Frame): void {
    this.#pending.push(frame);
    this.#characters += frame.json.length + (frame.id?.length ?? 0);
  }

  /** Hands over what was added; gives a promise of room only where there is none for more, so that others do not wait. */
  flush(): Promise<void> | undefined {
    return this.#pending.length === 0 ? undefined : this.#transport.write(this.#take());
  }

  /** Hands over the last frame, and whatever is left before it. */
  async last(frame: Frame): Promise<void> {
    const room = this.#transport.write([...this.#take(), frame]);
    if (room) await Promise.race([room, this.#clock.sleep(lastFrameMs)]);
  }

  /**
   * Waits for room, but no longer than a client may seem to be only slow, nor than the session lives.
   * @returns false where there is none by then: the client has stalled.
   * @throws {SessionEnd} when the session ends meanwhile.
   */
  async hasRoomSoon(room: Promise<void>): Promise<boolean> {
    return this.#endWatch.happensWithin(room, Math.min(stallMs, this.#slowReaderMs));
  }

  /**
   * Waits for room for a client that has stalled.
   * @throws {SessionEnd} when it does not read for as long as a client may, or the session ends meanwhile.
   */
  async untilRoom(room: Promise<void>): Promise<void> {
    const hasRoom = await this.#endWatch.happensWithin(room, this.#slowReaderMs - stallMs);
    if (!hasRoom) throw new SessionEnd('slow_reader');
  }

  #take(): readonly Frame[] {
    const frames = this.#pending;
    this.#pending = [];
    this.#characters = 0;
    return frames;
  }
}
