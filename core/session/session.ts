import { markReturn, markTerminal } from '../../protocol/cursor.ts';
import type { EndReason } from '../../protocol/end-reasons.ts';
import { againSoonMs, endReasons, isTerminalReason, terminalRetryMs } from '../../protocol/end-reasons.ts';
import type {
  ControlData,
  ControlFrame,
  Established,
  Frame,
  Resume,
  ResumeReason,
} from '../../protocol/frames.ts';
import { establishedType } from '../../protocol/frames.ts';
import { encodeData } from '../../protocol/json.ts';
import { AwarenessWalk } from '../awareness/awareness-walk.ts';
import { jitter } from '../clock.ts';
import { endingSoonMs } from '../connections/admission.ts';
import { resync } from '../subscription/frames-from.ts';
import { SessionEnd, EndWatch } from './end-watch.ts';
import { LogWalk } from './log-walk.ts';
import { SessionOutput } from './output.ts';
import type { SessionPorts } from './ports.ts';
import type { SessionRequest, SessionSettings } from './session-request.ts';
import { SessionSignals } from './session-signals.ts';
import type { Transport } from './transport.ts';

/**
 * One stream from its first frame to its last: a reader of the log at its own pace, for one subscriber. It knows nothing
 * of what carries its frames.
 */
export class Session {
  readonly #request: SessionRequest;
  readonly #settings: SessionSettings;
  readonly #ports: SessionPorts;
  readonly #endWatch: EndWatch;
  readonly #signals: SessionSignals;
  readonly #walk: LogWalk;
  #output!: SessionOutput;
  #saidHandover: EndReason | undefined;
  #nextPing = 0;
  #resume: Resume | undefined;
  readonly #awareness: AwarenessWalk | undefined;
  /** A read of the log whose outcome nobody has seen yet. */
  #reading: Promise<ResumeReason | undefined> | undefined;

  constructor(request: SessionRequest, settings: SessionSettings, ports: SessionPorts) {
    this.#request = request;
    this.#settings = settings;
    this.#ports = ports;
    this.#endWatch = new EndWatch(request, ports);
    this.#signals = new SessionSignals(request, ports);
    this.#walk = new LogWalk(request, this.#endWatch, ports);
    if (request.presence)
      this.#awareness = new AwarenessWalk(request.principal, { ...ports, ...ports.awareness });
  }

  /**
   * Finds the place to start from. Nothing is written yet.
   * @throws what the log's store throws.
   */
  async open(): Promise<void> {
    this.#resume = await this.#walk.open(this.#request);
  }

  /**
   * Runs from where it was opened to the end.
   * @param transport takes its frames, and is closed at the end.
   * @returns why it ended.
   * @throws what nobody foresaw; the client comes back from where it is.
   */
  async run(transport: Transport): Promise<EndReason> {
    void transport.broken.then(() => this.#endWatch.clientHasGone());
    this.#output = new SessionOutput(
      transport,
      this.#endWatch,
      this.#ports.clock,
      this.#settings.slowReaderMs,
    );
    this.#signals.opened(this.#resume !== undefined);
    let reason: EndReason | undefined;
    const over = new AbortController();
    const watch = this.#endWatch.watch(over.signal);
    try {
      this.#walk.begin();
      await this.#greet();
      this.#awareness?.start(over.signal);
      for (;;) await this.#step();
    } catch (error) {
      if (!(error instanceof SessionEnd)) throw error;
      reason = error.reason;
      await this.#end(reason);
      return reason;
    } finally {
      over.abort();
      this.#walk.forget();
      this.#signals.ended(reason, this.#endWatch.heardAt);
      transport.close(reason);
      await watch;
    }
  }

  /** Ends it, from wherever it is. */
  end(reason: EndReason): void {
    this.#endWatch.end(reason);
  }

  /** Ends it in some seconds, so that its client can come back elsewhere first. */
  async handOver(): Promise<void> {
    await this.#endWatch.endWithin(0);
  }

  async #greet(): Promise<void> {
    const { clock, random } = this.#ports;
    const { heartbeatMs, retryMs } = this.#settings;
    const { connectionId, principal } = this.#request;
    const now = clock.now();
    this.#nextPing = now + heartbeatMs;
    const timestamp = new Date(now).toISOString();
    const established: Established = {
      type: establishedType,
      connectionId,
      userId: principal.user,
      timestamp,
    };
    const retry = Math.round(jitter(random, ...retryMs));
    this.#output.add({ id: this.#walk.cursor, json: encodeData(established), retry });
    if (this.#resume) this.#addResume(this.#resume);
    await this.#flush();
  }

  /** Sends what there is, or waits for it; pings in between. */
  async #step(): Promise<void> {
    const now = this.#ports.clock.now();
    const due = this.#endWatch.due();
    if (due !== undefined) throw new SessionEnd(due);
    this.#pingAt(now);
    const untilHandover = this.#announceEnd(now);
    let room = this.#flush();
    if (room) await room;
    if (this.#walk.needsMore || this.#reading !== undefined) {
      if (!this.#walk.isBehind) this.#signals.atEnd();
      const lost = await this.#read(Math.min(this.#nextPing - now, untilHandover));
      if (lost !== undefined) this.#addResume({ complete: false, reason: lost });
    }
    // Whatever was read meanwhile: a user whose rights are gone gets nothing of it.
    if (this.#endWatch.due() !== undefined) return;
    this.#addSegment();
    this.#addAwareness();
    room = this.#flush();
    if (room) await room;
  }

  /**
   * Reads on in the log, and comes back when there is something to tell of other users while the read goes on.
   * @returns as `LogWalk.read`.
   */
  async #read(timeoutMs: number): Promise<ResumeReason | undefined> {
    if (this.#awareness === undefined) return this.#walk.read(timeoutMs);
    this.#reading ??= this.#walk.read(timeoutMs);
    const read = await this.#awareness.unlessNews(this.#reading, timeoutMs);
    if (read !== undefined) this.#reading = undefined;
    return read?.result;
  }

  /** Adds what there is to tell of other users. It has no place in the log, and leaves the client's cursor as it is. */
  #addAwareness(): void {
    for (const event of this.#awareness?.take() ?? []) {
      this.#output.add({ event: this.#request.named ? event.type : undefined, json: encodeData(event) });
    }
  }

  #pingAt(now: number): void {
    if (now < this.#nextPing) return;
    // By the clock, and not by when the ping before went out: one that was late makes none of the next ones late.
    while (this.#nextPing <= now) this.#nextPing += this.#settings.heartbeatMs;
    this.#addControl('ping', { timestamp: new Date(now).toISOString() });
  }

  /**
   * Tells the client of a planned end some seconds before it, once, so that it can open its next stream first.
   * @returns the milliseconds until there is something to do about it.
   */
  #announceEnd(now: number): number {
    const { at, reason } = this.#endWatch.planned;
    const left = at - now;
    if (this.#saidHandover === reason) return left;
    if (left > endingSoonMs) return left - endingSoonMs;
    this.#saidHandover = reason;
    this.#addControl('handover', { reason, endsAt: new Date(at).toISOString() }, this.#returnId());
    return left;
  }

  #addResume(resume: Resume): void {
    this.#signals.resumed(resume);
    this.#addControl('resume', resume);
  }

  /** Adds the frames of the next segment, or as many as the output takes before it must be flushed. */
  #addSegment(): void {
    const { named } = this.#request;
    for (const frame of this.#walk.framesOfSegment()) {
      const { type, json } = frame;
      const event = named || type === 'resume' ? type : undefined;
      if (type === 'resume') this.#signals.resumed(resync);
      this.#output.add({ id: this.#walk.cursor, event, json });
      this.#signals.told(frame);
      if (this.#output.isFull) break;
    }
  }

  async #end(reason: EndReason): Promise<void> {
    if (reason === 'slow_reader') return;
    const isTerminal = isTerminalReason(reason);
    const soon = Math.round(jitter(this.#ports.random, ...againSoonMs));
    const retry = reason === 'catching_up' ? soon : undefined;
    const id = isTerminal ? markTerminal(this.#walk.cursor) : this.#returnId();
    await this.#output.last({
      ...controlFrame('end', { reason, ...endReasons[reason] }, id),
      retry: isTerminal ? terminalRetryMs : retry,
    });
  }

  /** The cursor, by which a client is known that opens its next stream after this one. */
  #returnId(): string {
    const { connectionId, connectedAt, born = connectedAt } = this.#request;
    return markReturn(this.#walk.cursor, connectionId, born);
  }

  #addControl<Name extends ControlFrame>(event: Name, data: ControlData[Name], id = this.#walk.cursor): void {
    this.#output.add(controlFrame(event, data, id));
  }

  /** Hands over what was added; gives a promise only where the client is slow, so that others do not wait. */
  #flush(): Promise<void> | undefined {
    const room = this.#output.flush();
    return room && this.#untilRoom(room);
  }

  async #untilRoom(room: Promise<void>): Promise<void> {
    if (await this.#output.hasRoomSoon(room)) return;
    // It is read again when the client takes it: those that do not read hold no memory.
    this.#walk.forget();
    await this.#output.untilRoom(room);
  }
}

function controlFrame<Name extends ControlFrame>(event: Name, data: ControlData[Name], id: string): Frame {
  return { id, event, json: encodeData(data) };
}
