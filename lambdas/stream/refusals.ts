import type { EndReason } from '../../protocol/end-reasons.ts';
import { endReasons } from '../../protocol/end-reasons.ts';
import type { End } from '../../protocol/frames.ts';
import { encodeData } from '../../protocol/json.ts';
import { commentLine, encodeFrame } from '../../protocol/sse.ts';
import type { Clock, Random } from '../../core/clock.ts';
import { jitter } from '../../core/clock.ts';
import { TokenRefused } from '../../core/identity/token.ts';
import { UnknownFormat } from '../../core/log/read-store.ts';
import type { StreamLimit } from '../shared/admission/stream-limit.ts';
import { refusalOfLimit, soonSeconds } from '../shared/admission/stream-limit.ts';
import type { Answer } from '../shared/http/answer.ts';
import { answerFailure } from '../shared/http/failure.ts';
import type { RefusalObserver } from '../shared/http/refusal-of.ts';
import type { Host, HostAnswer } from './host.ts';
import { patiently } from './patience.ts';
import { streamHead } from './stream-head.ts';

/** How long a host may take to close an answer without a body, milliseconds: some such answers are reported to hang. */
const emptyAnswerMs = 2000;

export interface StreamRefusalsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: RefusalObserver;
  /** Bounds of the jittered `retry:`, milliseconds. */
  readonly retryMs: readonly [number, number];
}

/** Answers requests that get no stream, so that a browser's EventSource does what it should. */
export class StreamRefusals {
  readonly #options: StreamRefusalsOptions;

  constructor(options: StreamRefusalsOptions) {
    this.#options = options;
  }

  /**
   * Stops a client that came back without being wanted: all clients that were tried heed a 204, and not all another
   * status.
   */
  async unwanted(host: Host): Promise<void> {
    const answer = await sendWhole(host, { statusCode: 204, headers: { 'cache-control': 'no-store' } });
    await patiently(emptyAnswerMs, this.#options.clock, (patience) => answer.closedByHost(patience));
  }

  /**
   * Answers a request that failed.
   * @param realStatus whether the client can bear another status than 200 for what will pass: EventSource would stop
   *   for good.
   */
  async failed(host: Host, error: unknown, realStatus: boolean): Promise<void> {
    // A bad token, or a request that can never succeed, ends a browser's EventSource, and should.
    if (realStatus || error instanceof TokenRefused) {
      await sendWhole(host, answerFailure(error, this.#options.observer));
      return;
    }
    this.#options.observer.trouble('a stream cannot be opened', error);
    await this.#sendEnd(host, error instanceof UnknownFormat ? 'deploy' : 'trouble', this.#options.retryMs);
  }

  /** Answers a request for which there is no room; `realStatus` as for `failed`. */
  async full(host: Host, limit: StreamLimit, realStatus: boolean): Promise<void> {
    if (realStatus) {
      await sendWhole(host, answerFailure(refusalOfLimit(limit), this.#options.observer));
      return;
    }
    const { reason, retryAfterSeconds } = limit;
    const isSoon = retryAfterSeconds <= soonSeconds;
    const later = [retryAfterSeconds * 1000, retryAfterSeconds * 1500] as const;
    await this.#sendEnd(host, reason, isSoon ? this.#options.retryMs : later);
  }

  async #sendEnd(host: Host, reason: EndReason, retryMs: readonly [number, number]): Promise<void> {
    const answer = await host.answer(streamHead, commentLine);
    const data: End = { reason, ...endReasons[reason] };
    const retry = Math.round(jitter(this.#options.random, ...retryMs));
    void answer.write(encodeFrame({ event: 'end', json: encodeData(data), retry }));
    answer.end();
  }
}

async function sendWhole(host: Host, { statusCode = 500, headers, body }: Answer): Promise<HostAnswer> {
  const answer = await host.answer({ statusCode, headers: headers as Record<string, string> });
  if (body) void answer.write(body);
  answer.end();
  return answer;
}
