import type { Writable } from 'node:stream';
import type { Context } from 'aws-lambda';
import type { AnswerHead, HostAnswer } from './host.ts';

/** The global that Lambda's Node.js runtime offers to functions that stream their answer. */
interface StreamingRuntime {
  streamifyResponse<Event>(
    handler: (event: Event, stream: Writable, context: Context) => Promise<void>,
  ): (event: Event, context: Context) => Promise<void>;
  readonly HttpResponseStream: { from(stream: Writable, head: AnswerHead): Writable };
}

declare const awslambda: StreamingRuntime;

/** A handler that streams its answer. */
export const streamifyResponse: StreamingRuntime['streamifyResponse'] = (handler) =>
  awslambda.streamifyResponse(handler);

/** A streamed HTTP answer. */
export class StreamedAnswer implements HostAnswer {
  readonly broken: Promise<void>;
  readonly #stream: Writable;
  readonly #over = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();

  private constructor(stream: Writable, head: AnswerHead) {
    this.#stream = awslambda.HttpResponseStream.from(stream, head);
    // Without a listener a connection that breaks would end the whole process.
    this.#stream.on('error', () => this.#over.resolve());
    this.#stream.once('close', this.#closed.resolve);
    this.broken = this.#closed.promise;
  }

  /**
   * Sends status and headers, and with them the opening. The runtime sends them with the first write, whatever it
   * writes, and not without one; and what is written in the same tick as they are may be held back by Lambda, so this
   * waits for the next tick.
   * Source: https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/issues/94 (comment of 2024-03-12).
   */
  static async open(stream: Writable, head: AnswerHead, opening = ''): Promise<StreamedAnswer> {
    const answer = new StreamedAnswer(stream, head);
    answer.#stream.write(opening);
    await new Promise((resolve) => setImmediate(resolve));
    return answer;
  }

  write(text: string): Promise<void> | undefined {
    const hasRoom = this.#stream.write(text);
    if (hasRoom || !this.#stream.writable) return undefined;
    return new Promise((resolve) => {
      this.#stream.once('drain', resolve);
    });
  }

  /** Ends the answer. */
  end(): void {
    this.#stream.end(() => this.#over.resolve());
  }

  /**
   * Waits until all of an answer that has ended is taken, and breaks off one whose client does not read: else Lambda
   * waits for the client, and bills, up to the function's time limit. The last thing that a handler does: AWS's runtime
   * client ends its process then, as Lambda would at the time limit.
   * Source: `createResponseStream` in aws-lambda-ric 4, where nobody handles the rejection of `headersDone`.
   * @param patience resolves when it has waited long enough.
   */
  async closed(patience: Promise<void>): Promise<void> {
    await Promise.race([this.#over.promise, patience]);
    if (!this.#stream.writableFinished) this.#stream.destroy();
  }

  /**
   * As `closed`, for an answer without a body: also one that was taken whole is broken off when Lambda does not close it.
   * Source: https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/issues/95: such answers may hang, billed, up
   * to the function's time limit.
   */
  async closedByHost(patience: Promise<void>): Promise<void> {
    const isClosed = await Promise.race([this.#closed.promise.then(() => true), patience.then(() => false)]);
    if (!isClosed) this.#stream.destroy();
  }
}
