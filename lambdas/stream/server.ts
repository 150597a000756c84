import type { Writable } from 'node:stream';
import type { Context, LambdaFunctionURLEvent } from 'aws-lambda';
import type { Clock, Random } from '../../core/clock.ts';
import { jitter } from '../../core/clock.ts';
import { UnknownFormat } from '../../core/log/read-store.ts';
import type { SegmentCache } from '../../core/log/segment-reader.ts';
import type { ConnectionWatch } from '../../core/connections/connection.ts';
import type { EndReason } from '../../protocol/end-reasons.ts';
import { END_REASONS } from '../../protocol/end-reasons.ts';
import { COMMENT, encodeData, encodeFrame } from '../../protocol/sse.ts';
import type { KnownEnds } from '../../core/session/known-ends.ts';
import { expiresTooSoon, knownEnds } from '../../core/session/known-ends.ts';
import { Session } from '../../core/session/session.ts';
import { findToken } from '../../core/identity/token.ts';
import type { StoredConnection } from '../shared/dynamodb/connection-item.ts';
import type { ConnectionStore } from '../shared/dynamodb/connection-store.ts';
import { KeyNotKnownYet } from '../shared/auth/key-set.ts';
import { StreamedAnswer } from '../shared/runtime/response-stream.ts';
import { reportTrouble } from '../shared/runtime/trouble.ts';
import type { TokenVerifier, VerifiedToken } from '../shared/auth/verifier.ts';
import { TokenRefused } from '../shared/auth/verifier.ts';
import type { Answer } from '../shared/http/answer.ts';
import { HttpError } from '../shared/http/answer.ts';
import { answerFailure } from '../shared/http/failure.ts';
import type { Admissions } from './admissions.ts';
import { SOON_SECONDS } from './admissions.ts';
import type { StreamRequest } from './request.ts';
import { readStreamRequest } from './request.ts';

export interface StreamServerOptions {
  readonly verifier: TokenVerifier;
  /** Name in lower case of the only header that counts as the client's `Authorization`. */
  readonly tokenHeader: string;
  readonly admissions: Pick<Admissions, 'admit'>;
  readonly connections: Pick<ConnectionStore, 'moveDeadline' | 'remove'>;
  readonly watch: Pick<ConnectionWatch, 'look'>;
  readonly cache: SegmentCache;
  readonly clock: Clock;
  readonly random: Random;
  readonly newConnectionId: () => string;
  /** The longest session, milliseconds; each is shorter by up to a tenth. */
  readonly sessionMs: number;
  readonly heartbeatMs: number;
  /** How long a write may wait for a client that does not read, milliseconds. */
  readonly slowReaderMs: number;
  /** Bounds of the jittered `retry:`, milliseconds. */
  readonly retryMs: readonly [number, number];
  /** Length of the comment that follows each write; 0 for none. */
  readonly paddingBytes: number;
}

/** What the function keeps of its own time limit to end its streams cleanly, milliseconds. */
const DEADLINE_MARGIN_MS = 10_000;

/** How long it may take to open a stream, milliseconds: the edge waits 30 s for the first byte, and then answers 504. */
const OPENING_MS = 20_000;
const LATE = Symbol('late');

/**
 * How long a client may take to read what is left when its stream has ended, milliseconds. Where somebody has asked for
 * the end the client is gone, most likely, and the function is to be done with it in 5 s.
 */
const LAST_BYTES_MS = 5000;
const LAST_BYTES_BY_REASON: Partial<Record<EndReason, number>> = {
  slow_reader: 0,
  disconnected: 1000,
  liveness_check: 1000,
};

/** How long Lambda may take to close an answer without a body, milliseconds: some such answers are reported to hang. */
const EMPTY_ANSWER_MS = 2000;

const STREAM_HEAD = {
  statusCode: 200,
  headers: {
    'content-type': 'text/event-stream',
    // Without `no-transform` compressing proxies hold the stream back.
    'cache-control': 'no-cache, no-store, no-transform',
    'x-accel-buffering': 'no',
  },
} as const;

/** Serves event streams: who is it, from where on, until when; `Session` does the rest. */
export class StreamServer {
  readonly #options: StreamServerOptions;

  constructor(options: StreamServerOptions) {
    this.#options = options;
  }

  /** Answers one request, to the end of its stream. */
  async serve(event: LambdaFunctionURLEvent, stream: Writable, context: Context): Promise<void> {
    const { clock } = this.#options;
    const came = clock.now();
    let realStatus = true;
    try {
      const request = readStreamRequest(event);
      if (request === 'unwanted') return await this.#sendUnwanted(stream);
      realStatus = request.realStatus;
      const token = await this.#inTime(this.#authenticate(event), came);
      await this.#serveSession(request, stream, context, token, came);
    } catch (error) {
      await this.#refuse(stream, error, realStatus);
    }
  }

  /** Answers a request that gets no stream. */
  async #refuse(stream: Writable, error: unknown, realStatus: boolean): Promise<void> {
    // A bad token, or a request that can never succeed, ends a browser's EventSource, and should.
    if (realStatus || error instanceof TokenRefused) await sendWhole(stream, answerFailure(error));
    else await this.#sendTrouble(stream, error);
  }

  /** Stops a client that came back without being wanted: all clients that were tried heed a 204, and not all another status. */
  async #sendUnwanted(stream: Writable): Promise<void> {
    const answer = await sendWhole(stream, { statusCode: 204, headers: { 'cache-control': 'no-store' } });
    await this.#patiently(EMPTY_ANSWER_MS, (patience) => answer.closedByRuntime(patience));
  }

  /**
   * Waits for a part of the opening of a stream whose request came at a time, epoch milliseconds.
   * @throws {HttpError} 503 when it takes so long that whoever waits for the first byte may give up.
   */
  async #inTime<Result>(work: Promise<Result>, came: number): Promise<Result> {
    const { clock } = this.#options;
    const done = new AbortController();
    const late = clock.sleep(came + OPENING_MS - clock.now(), done.signal).then(() => LATE);
    try {
      const result = await Promise.race([work, late]);
      if (result !== LATE) return result as Result;
      const message = 'it takes too long to open a stream: try again in a few seconds';
      throw new HttpError(503, 'unavailable', message, { 'retry-after': '5' });
    } finally {
      done.abort();
    }
  }

  async #authenticate({ headers, queryStringParameters }: LambdaFunctionURLEvent): Promise<VerifiedToken> {
    const { verifier, tokenHeader, clock } = this.#options;
    const found = findToken(headers[tokenHeader], queryStringParameters?.['token']);
    if (typeof found === 'string') throw new TokenRefused(found);
    const token = await verifier.verify(found.token);
    if (expiresTooSoon(token.expiresAt, clock.now())) throw new TokenRefused('token_expired');
    return token;
  }

  async #serveSession(
    request: StreamRequest,
    stream: Writable,
    context: Context,
    token: VerifiedToken,
    came: number,
  ): Promise<void> {
    const { clock, random, sessionMs, admissions, connections, watch, paddingBytes } = this.#options;
    const now = clock.now();
    const deadline = now + context.getRemainingTimeInMillis() - DEADLINE_MARGIN_MS;
    const ends = knownEnds({ now, deadline, tokenExpiresAt: token.expiresAt, sessionMs }, random);
    const connection = this.#connectionOf(request, token, now, ends);
    let answer: StreamedAnswer | undefined;
    const session = new Session(
      {
        principal: token.principal,
        connectionId: connection.id,
        cursor: request.cursor,
        named: request.named,
        connectedAt: now,
        born: connection.born,
        ends,
        leaseUntil: connection.leaseUntil,
      },
      {
        ...this.#options,
        look: (isDecisive) => watch.look(connection, isDecisive),
        moveDeadline: (moved) => connections.moveDeadline(connection, moved),
        sink: {
          write: (text) => answer?.write(text),
          isBroken: () => answer?.isBroken() === true,
        },
        onTrouble: logTrouble,
      },
    );
    const opening = admissions.admit(connection, token).then(() => session.open());
    try {
      await this.#inTime(opening, came);
    } catch (error) {
      // First the answer, for which somebody waits; then what the opening may have left, or is about to leave.
      await this.#refuse(stream, error, request.realStatus);
      await opening.catch(() => undefined);
      return this.#forget(connection);
    }
    let reason: EndReason | undefined;
    try {
      answer = await StreamedAnswer.open(stream, STREAM_HEAD, { opening: COMMENT, paddingBytes });
      reason = await session.run();
    } catch (error) {
      // Nobody foresaw it: the client comes back from where it is.
      logTrouble(error);
    }
    const seconds = (clock.now() - now) / 1000;
    console.info({ message: 'session ended', reason, connection: connection.id, seconds });
    answer?.end();
    await this.#forget(connection);
    const lastBytesMs = (reason && LAST_BYTES_BY_REASON[reason]) ?? LAST_BYTES_MS;
    await this.#patiently(lastBytesMs, async (patience) => answer?.closed(patience));
  }

  async #forget(connection: StoredConnection): Promise<void> {
    await this.#options.connections.remove(connection).catch(logTrouble);
  }

  /** Does something that is given so long, milliseconds; the timer goes with it. */
  async #patiently(milliseconds: number, work: (patience: Promise<void>) => Promise<void>): Promise<void> {
    const done = new AbortController();
    await work(this.#options.clock.sleep(milliseconds, done.signal));
    done.abort();
  }

  #connectionOf(
    { leaseSeconds, returning }: StreamRequest,
    { principal, fingerprint, expiresAt }: VerifiedToken,
    now: number,
    ends: KnownEnds,
  ): StoredConnection {
    return {
      workspace: principal.workspace,
      user: principal.user,
      id: this.#options.newConnectionId(),
      connectedAt: now,
      deadline: Math.min(...Object.values(ends)),
      after: returning?.after,
      // A client cannot have come later than now, whatever it says.
      born: Math.min(returning?.born ?? now, now),
      token: fingerprint,
      tokenExpiresAt: expiresAt,
      leaseSeconds,
      leaseUntil: leaseSeconds === undefined ? undefined : now + leaseSeconds * 1000,
    };
  }

  /** What will pass: any status but 200 would stop a browser's EventSource for good. */
  async #sendTrouble(stream: Writable, error: unknown): Promise<void> {
    const limit = limitReached(error);
    if (limit === undefined) logTrouble(error);
    const reason = limit?.reason ?? (error instanceof UnknownFormat ? 'deploy' : 'trouble');
    const { random, retryMs } = this.#options;
    const retry = Math.round(jitter(random, ...(limit?.retryMs ?? retryMs)));
    const json = encodeData({ reason, ...END_REASONS[reason] });
    const answer = await StreamedAnswer.open(stream, STREAM_HEAD, { opening: COMMENT });
    void answer.write(encodeFrame({ event: 'end', json, retry }));
    answer.end();
  }
}

async function sendWhole(
  stream: Writable,
  { statusCode = 500, headers, body }: Answer,
): Promise<StreamedAnswer> {
  const answer = await StreamedAnswer.open(stream, {
    statusCode,
    headers: headers as Record<string, string>,
  });
  if (body) void answer.write(body);
  answer.end();
  return answer;
}

/** Which limit stands against a stream, and the bounds of the time to come back, milliseconds, where it is not soon. */
function limitReached(
  error: unknown,
): { reason: 'user_limit' | 'workspace_limit'; retryMs?: readonly [number, number] } | undefined {
  if (!(error instanceof HttpError)) return undefined;
  const { code: reason, headers } = error;
  if (reason !== 'user_limit' && reason !== 'workspace_limit') return undefined;
  const seconds = Number(headers['retry-after']);
  return seconds > SOON_SECONDS ? { reason, retryMs: [seconds * 1000, seconds * 1500] } : { reason };
}

function logTrouble(error: unknown): void {
  // Who sends forged tokens rings no alarm.
  if (error instanceof KeyNotKnownYet) console.info({ message: error.message });
  else reportTrouble('trouble', error);
}
