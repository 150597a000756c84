import type { EndReason } from '../../protocol/end-reasons.ts';
import { commentLine } from '../../protocol/sse.ts';
import type { Clock, Random } from '../../core/clock.ts';
import type { SegmentReader } from '../../core/log/segment-reader.ts';
import type { Observer } from '../../core/observer.ts';
import type { EndFeed } from '../../core/connections/end-feed.ts';
import type { CatchUpTurns } from '../../core/session/catch-up-turns.ts';
import { plannedEnds } from '../../core/session/planned-ends.ts';
import type { SessionSettings } from '../../core/session/session-request.ts';
import { Session } from '../../core/session/session.ts';
import type { ConnectionItem, SessionPorts } from '../../core/session/ports.ts';
import { Refusal } from '../../core/refusal.ts';
import type { CurrentTasks } from '../../core/subscription/past.ts';
import type { Credentials } from '../shared/auth/credentials.ts';
import type { VerifiedToken } from '../shared/auth/verifier.ts';
import type { StoredConnection } from '../shared/dynamodb/connection-item.ts';
import type { ConnectionStore } from '../shared/dynamodb/connection-store.ts';
import type { Admissions } from '../shared/admission/admissions.ts';
import type { Host, HostAnswer, HostRequest } from './host.ts';
import { newConnection } from '../shared/admission/new-connection.ts';
import { inTime } from './opening-time.ts';
import { patiently } from './patience.ts';
import type { StreamLimit } from '../shared/admission/stream-limit.ts';
import { soonSeconds } from '../shared/admission/stream-limit.ts';
import { StreamRefusals } from './refusals.ts';
import type { StreamRequest } from './request.ts';
import { readStreamRequest, wantsStatus } from './request.ts';
import { SseTransport } from './sse-transport.ts';
import { streamHead } from './stream-head.ts';

/** What a deployment sets. */
export interface StreamSettings extends SessionSettings {
  /** Name in lower case of the only header that counts as the client's `Authorization`. */
  readonly tokenHeader: string;
  /** The longest session, milliseconds; each is shorter by up to a quarter. */
  readonly sessionMs: number;
  /** Length of the comment that follows each write; 0 for none. */
  readonly paddingBytes: number;
}

/** What the server works with. */
export interface StreamPorts {
  readonly credentials: Pick<Credentials, 'verify'>;
  readonly admissions: Pick<Admissions, 'admit'>;
  readonly connections: Pick<ConnectionStore, 'moveDeadline' | 'remove' | 'state'>;
  readonly ends: Pick<EndFeed, 'follow'>;
  readonly reader: SegmentReader;
  readonly turns: CatchUpTurns;
  readonly tasks: CurrentTasks;
  readonly awareness: SessionPorts['awareness'];
  readonly observer: Observer;
  readonly clock: Clock;
  readonly random: Random;
  readonly newConnectionId: () => string;
}

/** What the host keeps of its own time limit to end its streams cleanly, milliseconds. */
const deadlineMarginMs = 10_000;

/**
 * How long a client may take to read what is left when its stream has ended, milliseconds. Where somebody has asked for
 * the end the client is gone, most likely, and the function is to be done with it in 5 s.
 */
const usualLastBytesMs = 5000;
const lastBytesByReason: Partial<Record<EndReason, number>> = {
  slow_reader: 0,
  disconnected: 1000,
  liveness_check: 1000,
};

/** Serves event streams: who is it, from where on, until when; `Session` does the rest. */
export class StreamServer {
  readonly #settings: StreamSettings;
  readonly #ports: StreamPorts;
  readonly #refusals: StreamRefusals;
  /** The sessions that run, the oldest first. */
  readonly #sessions = new Set<Session>();
  /** Why all must end; undefined while they need not. */
  #ending: EndReason | undefined;

  constructor(settings: StreamSettings, ports: StreamPorts) {
    this.#settings = settings;
    this.#ports = ports;
    const { clock, random, observer } = ports;
    this.#refusals = new StreamRefusals({ clock, random, observer, retryMs: settings.retryMs });
  }

  /** How many streams are open. */
  get open(): number {
    return this.#sessions.size;
  }

  /**
   * Ends all streams, one after another, and at once those that open from now on; their clients come back.
   * @param spreadMs over how long; 0 for all at once.
   * @returns when all have been told.
   */
  async endAll(reason: EndReason, spreadMs: number): Promise<void> {
    this.#ending = reason;
    const sessions = [...this.#sessions];
    for (const session of sessions) {
      session.end(reason);
      if (spreadMs > 0) await this.#ports.clock.sleep(spreadMs / sessions.length);
    }
  }

  /** Hands the oldest streams over to whatever serves their clients when they come back: they are told, and end soon. */
  handOver(most: number): void {
    for (const session of [...this.#sessions].slice(0, most)) void session.handOver();
  }

  /** Answers a request for which the host has no room now. */
  async refuse(request: HostRequest, host: Host): Promise<void> {
    const message = 'no more streams can be opened at the moment: try again in a few seconds';
    const busy = new Refusal('unavailable', message, { retryAfterSeconds: soonSeconds });
    await this.#refusals.failed(host, busy, wantsStatus(request));
  }

  /** Answers one request, to the end of its stream. */
  async serve(request: HostRequest, host: Host): Promise<void> {
    const { clock } = this.#ports;
    const came = clock.now();
    let realStatus = true;
    try {
      const asked = readStreamRequest(request);
      if (asked === 'unwanted') return await this.#refusals.unwanted(host);
      realStatus = asked.realStatus;
      const token = await inTime(this.#authenticate(request), came, clock);
      await this.#open(asked, token, request.deadline, came, host);
    } catch (error) {
      await this.#refusals.failed(host, error, realStatus);
    }
  }

  #authenticate({ headers, query }: HostRequest): Promise<VerifiedToken> {
    return this.#ports.credentials.verify({
      authorization: headers[this.#settings.tokenHeader],
      token: query['token'],
      ticket: query['ticket'],
    });
  }

  /** Opens a stream where nothing stands against it, and runs it. */
  async #open(
    asked: StreamRequest,
    token: VerifiedToken,
    deadline: number,
    came: number,
    host: Host,
  ): Promise<void> {
    const { clock, random, newConnectionId } = this.#ports;
    const now = clock.now();
    const { sessionMs } = this.#settings;
    const ends = plannedEnds(
      { now, deadline: deadline - deadlineMarginMs, tokenExpiresAt: token.expiresAt, sessionMs },
      random,
    );
    const connection = newConnection(newConnectionId(), asked, token, Math.min(...Object.values(ends)), now);
    const { principal } = token;
    const { id: connectionId, born, leaseUntil } = connection;
    const { cursor, since, named, filter, presence, returning } = asked;
    const session = new Session(
      {
        principal,
        filter,
        connectionId,
        cursor,
        since,
        named,
        presence,
        connectedAt: now,
        born,
        follows: returning !== undefined,
        ends,
        leaseUntil,
      },
      this.#settings,
      this.#sessionPorts(connection),
    );
    const opening = this.#admit(connection, token, session);
    try {
      const limit = await inTime(opening, came, clock);
      if (limit === undefined) return await this.#run(session, connection, host);
      await this.#refusals.full(host, limit, asked.realStatus);
    } catch (error) {
      // First the answer, for which somebody waits; then what the opening may have left, or is about to leave.
      await this.#refusals.failed(host, error, asked.realStatus);
      await opening.catch(() => undefined);
    }
    await this.#forget(connection);
  }

  /** @returns what stands against a stream; undefined where nothing does, and its session has its place in the log. */
  async #admit(
    connection: StoredConnection,
    token: VerifiedToken,
    session: Session,
  ): Promise<StreamLimit | undefined> {
    const limit = await this.#ports.admissions.admit(connection, token);
    if (limit === undefined) await session.open();
    return limit;
  }

  #sessionPorts(connection: StoredConnection): SessionPorts {
    const { reader, turns, tasks, awareness, observer, clock, random, ends, connections } = this.#ports;
    const item: ConnectionItem = {
      follow: (listener, signal) => ends.follow(connection, listener, signal),
      state: () => connections.state(connection),
      moveDeadline: (deadline) => connections.moveDeadline(connection, deadline),
    };
    return { reader, turns, tasks, awareness, observer, clock, random, connection: item };
  }

  /** Runs a session to its end; does not throw. */
  async #run(session: Session, connection: StoredConnection, host: Host): Promise<void> {
    const { clock, observer } = this.#ports;
    const { paddingBytes } = this.#settings;
    this.#sessions.add(session);
    if (this.#ending !== undefined) session.end(this.#ending);
    let answer: HostAnswer | undefined;
    let reason: EndReason | undefined;
    try {
      answer = await host.answer(streamHead, commentLine);
      reason = await session.run(new SseTransport(answer, paddingBytes));
    } catch (error) {
      observer.trouble('a session has failed', error);
    }
    this.#sessions.delete(session);
    await this.#forget(connection);
    const lastBytesMs = (reason && lastBytesByReason[reason]) ?? usualLastBytesMs;
    await patiently(lastBytesMs, clock, async (patience) => answer?.closed(patience));
  }

  async #forget(connection: StoredConnection): Promise<void> {
    const { connections, observer } = this.#ports;
    await connections
      .remove(connection)
      .catch((error: unknown) => observer.trouble('the item of a stream cannot be removed', error));
  }
}
