import type { Change } from '../change.ts';
import type { Clock, Random } from '../clock.ts';
import { jitter } from '../clock.ts';
import type { Position } from '../cursor.ts';
import { decodeCursor, encodeCursor, NO_LOG, startOf } from '../cursor.ts';
import { encodedEventsFor } from '../event.ts';
import type { Loss, ReadResult, SegmentCache } from '../log/segment-cache.ts';
import { UnknownFormat } from '../log/segment-cache.ts';
import { endOf } from '../log/segment.ts';
import type { Principal } from '../principal.ts';
import { rightsFingerprint } from '../principal.ts';
import type { ConnectionView } from './connection.ts';
import type { EndReason } from './end.ts';
import { END_REASONS, markTerminal, TERMINAL_RETRY_MS } from './end.ts';
import type { KnownEnds } from './ending.ts';
import { SessionEnding } from './ending.ts';
import { encodeFrame } from './frame.ts';
import { ENDING_SOON_MS } from './limits.ts';

/** Where frames go. */
export interface Sink {
  /** Takes text; gives nothing when there is room for more at once, else a promise of room. */
  write(text: string): Promise<void> | undefined;
}

/** What the client asked for and what the server knows of it when the stream opens. */
export interface SessionRequest {
  readonly principal: Principal;
  readonly connectionId: string;
  /** The cursor that the client gave, as it gave it; undefined to start now. */
  readonly cursor: string | undefined;
  /** Whether task events carry their type as `event:` too. */
  readonly named: boolean;
  /** When the stream opened, epoch milliseconds. */
  readonly connectedAt: number;
  readonly ends: KnownEnds;
  /** When the client's lease runs out unless it renews it, epoch milliseconds; undefined without one. */
  readonly leaseUntil?: number | undefined;
}

export interface SessionOptions {
  readonly cache: Pick<SegmentCache, 'read' | 'readHead' | 'waitFor'>;
  readonly sink: Sink;
  /** Looks at the stream's item in the connections table. */
  readonly look: () => Promise<ConnectionView>;
  /** Notes in that item that the stream ends earlier than was said, epoch milliseconds. */
  readonly moveDeadline: (deadline: number) => Promise<unknown>;
  readonly clock: Clock;
  readonly random: Random;
  /** Time between two pings, milliseconds. */
  readonly heartbeatMs: number;
  /** Bounds of the jittered `retry:`, milliseconds. */
  readonly retryMs: readonly [number, number];
  /** How long a write may wait for a client that does not read, milliseconds. */
  readonly slowReaderMs?: number;
  /** How long the log may be unreadable before the session ends, milliseconds. */
  readonly troubleMs?: number;
  /** Hears of each failed read, and of each look that failed. */
  readonly onTrouble: (error: unknown) => void;
}

/** Text is handed over at the latest when it has this many characters: what bounds a session's memory. */
const WRITE_CHARACTERS = 64 * 1024;

/** The longest wait for changes, milliseconds: then the session sees whether it must end. */
const LONGEST_WAIT_MS = 1000;

/** How long the last frame may wait for a client that does not read, milliseconds. */
const LAST_FRAME_MS = 1000;

type ResumeReason = Loss | 'rights_changed' | 'resync';

/** Ends the session from wherever it is. */
class SessionEnd extends Error {
  override readonly name = 'SessionEnd';
  readonly reason: EndReason;
  constructor(reason: EndReason) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * One stream from its first frame to its last: a reader of the log at its own pace, for one principal. It knows nothing
 * of the transport.
 */
export class Session {
  readonly #request: SessionRequest;
  readonly #options: Required<SessionOptions>;
  readonly #rights: string;
  readonly #ending: SessionEnding;
  #saidHandover: EndReason | undefined;
  #position: Position = startOf(NO_LOG, 1);
  #nextPing = 0;
  #troubleSince: number | undefined;
  #behind = false;
  #pending = '';

  constructor(request: SessionRequest, options: SessionOptions) {
    this.#request = request;
    this.#options = { slowReaderMs: 30_000, troubleMs: 60_000, ...options };
    this.#rights = rightsFingerprint(request.principal);
    this.#ending = new SessionEnding({ ...options, ...request, leaseUntil: request.leaseUntil });
  }

  /**
   * Runs to the end.
   * @returns why it ended; the `end` frame is written, unless the client does not read.
   * @throws what the log's store throws before the first frame; nothing is written then.
   */
  async run(): Promise<EndReason> {
    const { clock, heartbeatMs } = this.#options;
    const resume = await this.#open();
    this.#nextPing = clock.now() + heartbeatMs;
    const over = new AbortController();
    const watch = this.#ending.watch(over.signal);
    try {
      await this.#greet(resume);
      for (;;) await this.#step();
    } catch (error) {
      if (!(error instanceof SessionEnd)) throw error;
      return await this.#end(error.reason);
    } finally {
      over.abort();
      await watch;
    }
  }

  /** Finds the place to start from. */
  async #open(): Promise<{ complete: boolean; reason?: ResumeReason } | undefined> {
    const { cursor: given, principal } = this.#request;
    const { cache } = this.#options;
    if (given === undefined) {
      await this.#moveToHead();
      return undefined;
    }
    const cursor = decodeCursor(given);
    let reason: ResumeReason | undefined;
    if (!cursor) {
      reason = 'unknown_cursor';
    } else if (cursor.rights !== this.#rights) {
      reason = 'rights_changed';
    } else {
      const found = await cache.read(principal.workspace, cursor.log, cursor.segment);
      if (found.kind === 'lost') reason = found.reason;
      else if (!isPlace(cursor, found, principal)) reason = 'unknown_cursor';
      else this.#position = cursor;
      this.#behind = reason === undefined && found.kind === 'segments';
    }
    if (reason === undefined) return { complete: true };
    await this.#moveToHead();
    return { complete: false, reason };
  }

  async #moveToHead(): Promise<void> {
    this.#position = endOf(await this.#options.cache.readHead(this.#request.principal.workspace));
  }

  async #greet(resume: object | undefined): Promise<void> {
    const { clock, random, retryMs } = this.#options;
    const { connectionId, principal } = this.#request;
    const timestamp = new Date(clock.now()).toISOString();
    const established = { type: 'connection.established', connectionId, userId: principal.user, timestamp };
    this.#add(JSON.stringify(established), undefined, Math.round(jitter(random, ...retryMs)));
    if (resume) this.#add(JSON.stringify(resume), 'resume');
    await this.#flush();
  }

  /** Sends what there is, or waits for it; pings in between. */
  async #step(): Promise<void> {
    const { clock, heartbeatMs } = this.#options;
    const now = clock.now();
    const due = this.#ending.due();
    if (due !== undefined) throw new SessionEnd(due);
    if (now >= this.#nextPing) {
      this.#nextPing = now + heartbeatMs;
      this.#add(JSON.stringify({ timestamp: new Date(now).toISOString() }), 'ping');
    }
    const untilHandover = this.#announceEnd(now);
    const room = this.#flush();
    if (room) await room;
    const longest = Math.min(this.#nextPing - now, untilHandover, LONGEST_WAIT_MS);
    const result = await this.#next(longest);
    if (result.kind !== 'segments') return;
    for (const { log, segment, changes } of result.segments) {
      await this.#send(log, segment, changes);
      if (this.#ending.due() !== undefined) return;
    }
  }

  /**
   * Tells the client of a planned end some seconds before it, once, so that it can open its next stream first.
   * @returns the milliseconds until there is something to do about it.
   */
  #announceEnd(now: number): number {
    const { at, reason } = this.#ending.planned;
    const left = at - now;
    if (this.#saidHandover === reason) return left;
    if (left > ENDING_SOON_MS) return left - ENDING_SOON_MS;
    this.#saidHandover = reason;
    this.#add(JSON.stringify({ reason, endsAt: new Date(at).toISOString() }), 'handover');
    return left;
  }

  /** The next segments: at once when the session is behind, else within so many milliseconds. */
  async #next(timeoutMs: number): Promise<ReadResult> {
    const { cache, clock, random, troubleMs, onTrouble } = this.#options;
    const { workspace } = this.#request.principal;
    const { log, segment } = this.#position;
    try {
      const result = this.#behind
        ? await cache.read(workspace, log, segment)
        : await cache.waitFor(workspace, log, segment, timeoutMs);
      this.#behind = result.kind === 'segments' && result.more;
      if (result.kind === 'lost') await this.#lose(result.reason);
      this.#troubleSince = undefined;
      return result;
    } catch (error) {
      if (error instanceof SessionEnd) throw error;
      onTrouble(error);
      if (error instanceof UnknownFormat) throw new SessionEnd('deploy');
      this.#troubleSince ??= clock.now();
      if (clock.now() - this.#troubleSince >= troubleMs) throw new SessionEnd('trouble');
      await clock.sleep(Math.min(timeoutMs, jitter(random, 500, 1500)));
      return { kind: 'none' };
    }
  }

  /** Sends the frames of a segment from the position on; the position moves past what is not visible as well. */
  async #send(log: string, segment: number, changes: readonly Change[]): Promise<void> {
    const { principal, named } = this.#request;
    const first = this.#position.segment === segment ? this.#position : startOf(log, segment);
    for (let index = first.change; index < changes.length; index += 1) {
      const change = changes[index]!;
      const after =
        index + 1 < changes.length
          ? { log, segment, change: index + 1, frame: 0 }
          : startOf(log, segment + 1);
      if (change.kind === 'resync') {
        this.#position = after;
        this.#add(JSON.stringify({ complete: false, reason: 'resync' }), 'resume');
        continue;
      }
      const events = encodedEventsFor(change, principal);
      const from = index === first.change ? first.frame : 0;
      for (let frame = from; frame < events.length; frame += 1) {
        this.#position =
          frame + 1 < events.length ? { log, segment, change: index, frame: frame + 1 } : after;
        const { json, type } = events[frame]!;
        this.#add(json, named ? type : undefined);
        if (this.#pending.length >= WRITE_CHARACTERS) await this.#flush();
      }
      this.#position = after;
    }
    this.#position = startOf(log, segment + 1);
    const room = this.#flush();
    if (room) await room;
  }

  /** Tells the client to load the state again, and goes on from the head. */
  async #lose(reason: ResumeReason): Promise<void> {
    await this.#moveToHead();
    this.#add(JSON.stringify({ complete: false, reason }), 'resume');
    await this.#flush();
  }

  async #end(reason: EndReason): Promise<EndReason> {
    if (reason === 'slow_reader') return reason;
    const { reconnect } = END_REASONS[reason];
    const cursor = encodeCursor(this.#position, this.#rights);
    this.#pending += encodeFrame({
      id: reconnect ? cursor : markTerminal(cursor),
      event: 'end',
      json: JSON.stringify({ reason, reconnect }),
      retry: reconnect ? undefined : TERMINAL_RETRY_MS,
    });
    const room = this.#options.sink.write(this.#pending);
    if (room) await Promise.race([room, this.#options.clock.sleep(LAST_FRAME_MS)]);
    return reason;
  }

  #add(json: string, event?: string, retry?: number): void {
    this.#pending += encodeFrame({ id: encodeCursor(this.#position, this.#rights), event, json, retry });
  }

  /** Hands the pending text over; gives a promise only where there is no room for more, so that others do not wait. */
  #flush(): Promise<void> | undefined {
    if (this.#pending === '') return undefined;
    const text = this.#pending;
    this.#pending = '';
    const room = this.#options.sink.write(text);
    return room && this.#untilRoom(room);
  }

  /** Waits for room, but not longer than a slow reader is given, nor than the session lives. */
  async #untilRoom(room: Promise<void>): Promise<void> {
    const { clock, slowReaderMs } = this.#options;
    const given = new AbortController();
    const ends = Promise.race([
      this.#ending.forced,
      clock.sleep(this.#ending.planned.at - clock.now(), given.signal),
    ]);
    const patience = clock.sleep(slowReaderMs, given.signal).then(() => 'slow' as const);
    try {
      if ((await Promise.race([room, ends, patience])) === 'slow') throw new SessionEnd('slow_reader');
    } finally {
      given.abort();
    }
    const due = this.#ending.due();
    if (due !== undefined) throw new SessionEnd(due);
  }
}

/**
 * Whether the log has the place that a cursor names within its segment. One that it has not was not given by this log;
 * read from there, the changes of the segment would be left out without a word.
 */
function isPlace({ change, frame }: Position, found: ReadResult, principal: Principal): boolean {
  if (change === 0 && frame === 0) return true;
  const next = found.kind === 'segments' ? found.segments[0]?.changes[change] : undefined;
  if (next === undefined || frame === 0) return next !== undefined;
  return next.kind !== 'resync' && frame < encodedEventsFor(next, principal).length;
}
