import type { Clock, Random } from '../clock.ts';
import { jitter } from '../clock.ts';
import type { Position } from '../log/cursor.ts';
import { CursorSeal, startOf } from '../log/cursor.ts';
import { encodedEventsFor } from '../subscription/events.ts';
import type { ReadResult, SegmentPage } from '../log/read-store.ts';
import { UnknownFormat } from '../log/read-store.ts';
import type { SegmentCache } from '../log/segment-reader.ts';
import type { Segment } from '../log/segment.ts';
import { endOf } from '../log/segment.ts';
import type { Principal } from '../subscription/principal.ts';
import type { ConnectionView } from '../connections/connection.ts';
import type { EndReason } from '../../protocol/end-reasons.ts';
import { AGAIN_SOON_MS, END_REASONS, isTerminalReason, markTerminal, TERMINAL_RETRY_MS } from '../../protocol/end-reasons.ts';
import { SessionEnd, SessionEnding } from './ending.ts';
import { encodeData, encodeFrame } from '../../protocol/sse.ts';
import type { KnownEnds } from './known-ends.ts';
import { ENDING_SOON_MS } from '../connections/limits.ts';
import type { Sink } from './output.ts';
import { SessionOutput } from './output.ts';
import { ReplayPace } from './replay-pace.ts';
import { markReturn } from '../connections/return-mark.ts';
import type { ResumeReason, Start } from './start.ts';
import { findStart } from './start.ts';

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
  /** When its client first came, epoch milliseconds: with this stream, or with one before. */
  readonly born?: number | undefined;
  readonly ends: KnownEnds;
  /** When the client's lease runs out unless it renews it, epoch milliseconds; undefined without one. */
  readonly leaseUntil?: number | undefined;
}

export interface SessionOptions {
  readonly cache: Pick<SegmentCache, 'openHead' | 'read' | 'readBelow' | 'waitFor'>;
  readonly sink: Sink;
  /** As `SessionEndingOptions` has it. */
  readonly look: (isDecisive: boolean) => Promise<ConnectionView>;
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

/** The longest wait for changes, milliseconds: then the session sees whether it must end. */
const LONGEST_WAIT_MS = 1000;

/**
 * One stream from its first frame to its last: a reader of the log at its own pace, for one principal. It knows nothing
 * of the transport.
 */
export class Session {
  readonly #request: SessionRequest;
  readonly #options: Required<SessionOptions>;
  readonly #ending: SessionEnding;
  readonly #output: SessionOutput;
  #saidHandover: EndReason | undefined;
  readonly #pace = new ReplayPace();
  #position!: Position;
  #seal!: CursorSeal;
  #nextPing = 0;
  #troubleSince: number | undefined;
  #behind = false;
  /** What was read and is not sent yet, from the segment of the position on. */
  #unsent: readonly Segment[] = [];
  #resume: Start['resume'];

  constructor(request: SessionRequest, options: SessionOptions) {
    this.#request = request;
    this.#options = { slowReaderMs: 30_000, troubleMs: 60_000, ...options };
    this.#ending = new SessionEnding({ ...options, ...request, leaseUntil: request.leaseUntil });
    this.#output = new SessionOutput(this.#ending, {
      ...this.#options,
      // It is read again when the client takes it: those that do not read hold no memory.
      onStall: () => {
        this.#unsent = [];
      },
    });
  }

  /**
   * Finds the place to start from. Nothing is written yet.
   * @throws what the log's store throws.
   */
  async open(): Promise<void> {
    const { cursor, principal } = this.#request;
    const { cache, clock } = this.#options;
    const { position, seal, found, resume } = await findStart(cache, principal, cursor, this.#pace.most);
    this.#position = position;
    this.#seal = seal;
    this.#resume = resume;
    this.#behind = found !== undefined;
    if (found) this.#take(found, clock.now());
    else this.#pace.finish();
  }

  /**
   * Runs from where it was opened to the end.
   * @returns why it ended; the `end` frame is written, unless the client does not read.
   */
  async run(): Promise<EndReason> {
    const { clock, heartbeatMs } = this.#options;
    this.#nextPing = clock.now() + heartbeatMs;
    const over = new AbortController();
    const watch = this.#ending.watch(over.signal);
    try {
      await this.#greet();
      for (;;) await this.#step();
    } catch (error) {
      if (!(error instanceof SessionEnd)) throw error;
      return await this.#end(error.reason);
    } finally {
      over.abort();
      await watch;
    }
  }

  async #greet(): Promise<void> {
    const { clock, random, retryMs } = this.#options;
    const { connectionId, principal } = this.#request;
    const timestamp = new Date(clock.now()).toISOString();
    const established = { type: 'connection.established', connectionId, userId: principal.user, timestamp };
    this.#add(encodeData(established), undefined, Math.round(jitter(random, ...retryMs)));
    if (this.#resume) this.#add(encodeData(this.#resume), 'resume');
    await this.#output.flush();
  }

  /** Sends what there is, or waits for it; pings in between. */
  async #step(): Promise<void> {
    const { clock, heartbeatMs, sink } = this.#options;
    const now = clock.now();
    const due = this.#ending.due() ?? (sink.isBroken() ? 'disconnected' : undefined);
    if (due !== undefined) throw new SessionEnd(due);
    if (now >= this.#nextPing) {
      this.#nextPing = now + heartbeatMs;
      this.#add(encodeData({ timestamp: new Date(now).toISOString() }), 'ping');
    }
    const untilHandover = this.#announceEnd(now);
    let room = this.#output.flush();
    if (room) await room;
    if (this.#unsent.length === 0)
      await this.#load(Math.min(this.#nextPing - now, untilHandover, LONGEST_WAIT_MS));
    // Whatever was read meanwhile: a user whose rights are gone gets nothing of it.
    if (this.#ending.due() !== undefined) return;
    this.#addUnsent();
    room = this.#output.flush();
    if (room) await room;
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
    const json = encodeData({ reason, endsAt: new Date(at).toISOString() });
    this.#output.add(encodeFrame({ id: this.#returnId(), event: 'handover', json }));
    return left;
  }

  /** Gets the next page: at once when the session is behind, else within so many milliseconds. */
  async #load(timeoutMs: number): Promise<void> {
    const { clock, random, troubleMs, onTrouble } = this.#options;
    try {
      const now = clock.now();
      const wait = this.#behind ? this.#pace.waitMs(now) : 0;
      if (wait > 0) return await this.#ending.unlessOver(clock.sleep(Math.min(timeoutMs, wait)));
      if (this.#behind && this.#pace.isSpent) throw new SessionEnd('catching_up');
      const result = await this.#read(timeoutMs);
      if (result.kind === 'segments') this.#take(result, now);
      else this.#behind = false;
      if (!this.#behind) this.#pace.finish();
      if (result.kind === 'lost') await this.#lose(result.reason);
      // A wait that is over tells nothing of the log where no read has come back.
      const readAt = result.kind === 'none' ? (result.readAt ?? -Infinity) : clock.now();
      if (this.#troubleSince !== undefined && readAt > this.#troubleSince) this.#troubleSince = undefined;
      this.#endInTrouble(troubleMs);
    } catch (error) {
      if (error instanceof SessionEnd) throw error;
      onTrouble(error);
      if (error instanceof UnknownFormat) throw new SessionEnd('deploy');
      this.#troubleSince ??= clock.now();
      this.#endInTrouble(troubleMs);
      await clock.sleep(Math.min(timeoutMs, jitter(random, 500, 1500)));
    }
  }

  /** Takes a page that was read. */
  #take({ segments, more, units }: SegmentPage, now: number): void {
    this.#unsent = segments;
    if (this.#behind) this.#pace.spend(units, now);
    this.#behind = more;
  }

  #read(timeoutMs: number): Promise<ReadResult> {
    const { cache } = this.#options;
    const { workspace } = this.#request.principal;
    const { log, segment } = this.#position;
    return this.#behind
      ? this.#ending.unlessOver(cache.read(workspace, log, segment, this.#pace.most))
      : cache.waitFor(workspace, log, segment, timeoutMs);
  }

  /** Ends a session that could not read the log for so many milliseconds. */
  #endInTrouble(troubleMs: number): void {
    if (this.#troubleSince === undefined) return;
    if (this.#options.clock.now() - this.#troubleSince >= troubleMs) throw new SessionEnd('trouble');
  }

  /**
   * Adds the frames of the next segment from the position on, or as many as the output takes before it must be flushed;
   * the position moves past what is not visible as well.
   */
  #addUnsent(): void {
    const { principal, named } = this.#request;
    const [next] = this.#unsent;
    if (!next) return;
    const { log, segment, changes } = next;
    for (let index = this.#position.change; index < changes.length; index += 1) {
      const change = changes[index]!;
      const after =
        index + 1 < changes.length
          ? { log, segment, change: index + 1, frame: 0 }
          : startOf(log, segment + 1);
      if (change.kind === 'resync') {
        this.#position = after;
        this.#add(encodeData({ complete: false, reason: 'resync' }), 'resume');
        continue;
      }
      const events = encodedEventsFor(change, principal);
      const from = this.#position.frame;
      for (let frame = from; frame < events.length; frame += 1) {
        if (this.#output.isFull) return;
        this.#position =
          frame + 1 < events.length ? { log, segment, change: index, frame: frame + 1 } : after;
        const { json, type } = events[frame]!;
        this.#add(json, named ? type : undefined);
      }
      this.#position = after;
    }
    this.#position = startOf(log, segment + 1);
    this.#unsent = this.#unsent.slice(1);
  }

  /** Tells the client to load the state again, and goes on from the head. */
  async #lose(reason: ResumeReason): Promise<void> {
    const { principal } = this.#request;
    const head = await this.#ending.unlessOver(this.#options.cache.openHead(principal.workspace));
    this.#position = endOf(head);
    this.#seal = new CursorSeal(head, principal);
    this.#add(encodeData({ complete: false, reason }), 'resume');
    await this.#output.flush();
  }

  async #end(reason: EndReason): Promise<EndReason> {
    if (reason === 'slow_reader') return reason;
    const isTerminal = isTerminalReason(reason);
    const soon = Math.round(jitter(this.#options.random, ...AGAIN_SOON_MS));
    const retry = reason === 'catching_up' ? soon : undefined;
    const frame = encodeFrame({
      id: isTerminal ? markTerminal(this.#seal.seal(this.#position)) : this.#returnId(),
      event: 'end',
      json: encodeData({ reason, ...END_REASONS[reason] }),
      retry: isTerminal ? TERMINAL_RETRY_MS : retry,
    });
    await this.#output.last(frame);
    return reason;
  }

  /** The cursor, by which a client is known that opens its next stream after this one. */
  #returnId(): string {
    const { connectionId, connectedAt, born = connectedAt } = this.#request;
    return markReturn(this.#seal.seal(this.#position), connectionId, born);
  }

  #add(json: string, event?: string, retry?: number): void {
    const id = this.#seal.seal(this.#position);
    this.#output.add(encodeFrame({ id, event, json, retry }));
  }
}
