import type { Writable } from 'node:stream';
import type { Context, LambdaFunctionURLEvent } from 'aws-lambda';
import type { Clock, Random } from '../../core/clock.ts';
import { jitter } from '../../core/clock.ts';
import type { SegmentCache } from '../../core/log/segment-cache.ts';
import { END_REASONS } from '../../core/stream/end.ts';
import { Session } from '../../core/stream/session.ts';
import { findToken, TOKEN_FAULTS } from '../../core/token.ts';
import type { Connection, ConnectionStore } from '../aws/connection-store.ts';
import { StreamedAnswer } from '../aws/response-stream.ts';
import type { TokenVerifier, VerifiedToken } from '../aws/verifier.ts';
import { TokenRefused } from '../aws/verifier.ts';
import type { Answer } from '../http/answer.ts';
import { answerError, answerUnauthorized } from '../http/answer.ts';

export interface StreamServerOptions {
  readonly verifier: TokenVerifier;
  /** Name in lower case of the only header that counts as the client's `Authorization`. */
  readonly tokenHeader: string;
  readonly connections: Pick<ConnectionStore, 'add' | 'remove'>;
  readonly cache: SegmentCache;
  readonly clock: Clock;
  readonly random: Random;
  readonly newConnectionId: () => string;
  /** The longest session, milliseconds; each is shorter by up to a tenth. */
  readonly sessionMs: number;
  readonly heartbeatMs: number;
  /** Bounds of the jittered `retry:`, milliseconds. */
  readonly retryMs: readonly [number, number];
  /** Length of the comment that follows each write; 0 for none. */
  readonly paddingBytes: number;
}

/** What the function keeps of its own time limit to end its streams cleanly, milliseconds. */
const DEADLINE_MARGIN_MS = 10_000;

const STREAM_HEAD = {
  statusCode: 200,
  headers: {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-store',
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
    const refusal = refuseRoute(event);
    if (refusal) return sendWhole(stream, refusal);
    let token: VerifiedToken;
    try {
      token = await this.#authenticate(event);
    } catch (error) {
      if (!(error instanceof TokenRefused)) return this.#sendTrouble(stream, error);
      return sendWhole(stream, answerUnauthorized(error.fault, TOKEN_FAULTS[error.fault]));
    }
    await this.#serveSession(event, stream, context, token);
  }

  async #authenticate({ headers, queryStringParameters }: LambdaFunctionURLEvent): Promise<VerifiedToken> {
    const { verifier, tokenHeader } = this.#options;
    const found = findToken(headers[tokenHeader], queryStringParameters?.['token']);
    if (typeof found === 'string') throw new TokenRefused(found);
    return verifier.verify(found.token);
  }

  async #serveSession(
    event: LambdaFunctionURLEvent,
    stream: Writable,
    context: Context,
    { principal, expiresAt }: VerifiedToken,
  ): Promise<void> {
    const { clock, random, newConnectionId, sessionMs, connections, paddingBytes } = this.#options;
    const now = clock.now();
    const ends = {
      session_length: now + jitter(random, 0.9, 1) * sessionMs,
      deadline: now + context.getRemainingTimeInMillis() - DEADLINE_MARGIN_MS,
      token_expired: expiresAt,
    };
    const connection: Connection = {
      workspace: principal.workspace,
      user: principal.user,
      id: newConnectionId(),
      connectedAt: now,
      deadline: Math.min(...Object.values(ends)),
    };
    let answer: StreamedAnswer | undefined;
    const session = new Session(
      {
        principal,
        connectionId: connection.id,
        cursor: cursorOf(event),
        named: event.queryStringParameters?.['named'] === 'true',
        ends,
      },
      {
        ...this.#options,
        sink: {
          write: (text) => (answer ??= new StreamedAnswer(stream, STREAM_HEAD, paddingBytes)).write(text),
        },
        onTrouble: logTrouble,
      },
    );
    try {
      await connections.add(connection);
      const reason = await session.run();
      console.info({
        message: 'session ended',
        reason,
        connection: connection.id,
        seconds: (clock.now() - now) / 1000,
      });
    } catch (error) {
      if (!answer) return this.#sendTrouble(stream, error);
      logTrouble(error);
    } finally {
      answer?.end();
      await connections.remove(connection).catch(logTrouble);
    }
  }

  /** A passing trouble: any status but 200 would stop a browser's EventSource for good. */
  #sendTrouble(stream: Writable, error: unknown): void {
    logTrouble(error);
    const { random, retryMs } = this.#options;
    const retry = Math.round(jitter(random, ...retryMs));
    const answer = new StreamedAnswer(stream, STREAM_HEAD);
    void answer.write(
      `retry: ${retry}\nevent: end\ndata: ${JSON.stringify({ reason: 'trouble', ...END_REASONS.trouble })}\n\n`,
    );
    answer.end();
  }
}

/** The cursor that the client gives: the header is fresher than a URL that EventSource repeats as it was. */
function cursorOf({ headers, queryStringParameters: query }: LambdaFunctionURLEvent): string | undefined {
  return headers['last-event-id'] || query?.['lastEventId'] || query?.['since'] || undefined;
}

function refuseRoute({ rawPath, requestContext }: LambdaFunctionURLEvent): Answer | undefined {
  if (rawPath !== '/sse/connect') {
    return answerError(404, 'not_found', 'there is nothing at this path: streams are at /sse/connect');
  }
  if (requestContext.http.method === 'GET') return undefined;
  return answerError(405, 'method_not_allowed', 'open the stream with GET', { allow: 'GET' });
}

function sendWhole(stream: Writable, { statusCode = 500, headers, body = '' }: Answer): void {
  const answer = new StreamedAnswer(stream, { statusCode, headers: headers as Record<string, string> });
  void answer.write(body);
  answer.end();
}

function logTrouble(error: unknown): void {
  console.warn({ message: 'trouble', error });
}
