import type { Resume } from '../../protocol/frames.ts';
import { encodeData } from '../../protocol/json.ts';
import type { SocketEvent } from '../../protocol/web-socket.ts';
import type { Clock } from '../clock.ts';
import type { Position } from '../log/cursor.ts';
import type { EndWatch } from '../session/end-watch.ts';
import { SessionEnd } from '../session/end-watch.ts';
import type { LogWalkPorts } from '../session/log-walk.ts';
import { LogWalk } from '../session/log-walk.ts';
import type { WantedStart } from '../session/start.ts';
import { resync } from '../subscription/frames-from.ts';
import type { Subscription } from '../subscription/subscription.ts';

/** A frame that answers a client which asked where it is. */
export interface CaughtUpFrame {
  readonly event: SocketEvent;
  readonly json: string;
  readonly id: string;
  readonly position: Position;
  /** The place before it; undefined where the client is put to its position from wherever it was. */
  readonly before: Position | undefined;
  /** The cursor that the client gave, where it cannot go on from there. */
  readonly given?: string | undefined;
  /** What it says of the place that the client gave; undefined for all other frames. */
  readonly resume?: Resume | undefined;
  /** As `LogFrame` has it. */
  readonly writtenAt?: number | undefined;
}

/** The longest wait between two reads of the log, milliseconds. */
const readMs = 1000;

/** How long it goes on at the most, milliseconds: whoever waits for it is asked whether anybody is there. */
const mostMs = 15_000;

/** It has no end that anybody would plan or ask for. */
const never: Pick<EndWatch, 'unlessOver' | 'happensWithin' | 'onTurn'> = {
  unlessOver: (promise) => promise,
  happensWithin: (event) => event.then(() => true),
  onTurn: () => () => undefined,
};

/**
 * Brings one client to the end of the log as it is when it is asked for. What is logged meanwhile is pushed to it, so that
 * the two together leave nothing out, and tell some twice.
 */
export class CatchUp {
  readonly #walk: LogWalk;
  readonly #clock: Clock;
  #before: Position | undefined;
  #given: string | undefined;

  constructor(subscription: Subscription, ports: LogWalkPorts) {
    this.#clock = ports.clock;
    this.#walk = new LogWalk(subscription, never, ports);
  }

  /**
   * Goes from a place to the end of the log.
   * @param greeting makes the first frame, which puts the client to its place; undefined for a client that has one.
   * @param last the name of the last frame, and its data.
   * @returns frames: the greeting; a `resume` that says whether the place is there, unless it is and a greeting was not
   *   wanted; what was logged since; the last one, or `catching_up` where the client has to ask again.
   * @throws {SessionEnd} when the log cannot be read; what the log's store throws.
   */
  async *frames(
    wanted: WantedStart,
    greeting: string | undefined,
    last: { readonly event: SocketEvent; readonly json: string },
    saysResume: boolean,
  ): AsyncGenerator<CaughtUpFrame> {
    this.#given = wanted.cursor;
    const resume = await this.#walk.open(wanted);
    if (greeting !== undefined) yield this.#jump('message', greeting);
    this.#before = this.#walk.position;
    if (resume?.complete === false) yield this.#cannotGoOn(resume);
    else if (resume && saysResume) yield { ...this.#next('resume', encodeData(resume)), resume };
    try {
      yield* this.#rest();
      yield this.#next(last.event, last.json);
    } catch (error) {
      if (!(error instanceof SessionEnd) || error.reason !== 'catching_up') throw error;
      yield this.#next('catching_up', '{}');
    }
  }

  async *#rest(): AsyncGenerator<CaughtUpFrame> {
    const until = this.#clock.now() + mostMs;
    for (;;) {
      if (this.#walk.needsMore) {
        if (!this.#walk.isBehind) return;
        if (this.#clock.now() >= until) throw new SessionEnd('catching_up');
        const lost = await this.#walk.read(readMs);
        if (lost !== undefined) yield this.#cannotGoOn({ complete: false, reason: lost });
      }
      for (const { type, json, writtenAt } of this.#walk.framesOfSegment()) {
        yield type === 'resume'
          ? { ...this.#next('resume', json), resume: resync }
          : { ...this.#next('message', json), writtenAt };
      }
    }
  }

  #cannotGoOn(resume: Resume): CaughtUpFrame {
    return { ...this.#jump('resume', encodeData(resume)), given: this.#given, resume };
  }

  #jump(event: SocketEvent, json: string): CaughtUpFrame {
    this.#before = undefined;
    return this.#next(event, json);
  }

  #next(event: SocketEvent, json: string): CaughtUpFrame {
    const before = this.#before;
    const { position, cursor } = this.#walk;
    this.#before = position;
    return { event, json, id: cursor, position, before };
  }
}
