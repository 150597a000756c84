import type { Writable } from 'node:stream';
import type { Context } from 'aws-lambda';
import type { Sink } from '../../core/stream/output.ts';

/** Status and headers of a streamed answer. */
export interface StreamedHead {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The global that Lambda's Node.js runtime offers to functions that stream their answer. */
interface StreamingRuntime {
  streamifyResponse<Event>(
    handler: (event: Event, stream: Writable, context: Context) => Promise<void>,
  ): (event: Event, context: Context) => Promise<void>;
  readonly HttpResponseStream: { from(stream: Writable, head: StreamedHead): Writable };
}

declare const awslambda: StreamingRuntime;

/** A handler that streams its answer. */
export const streamifyResponse: StreamingRuntime['streamifyResponse'] = (handler) =>
  awslambda.streamifyResponse(handler);

/**
 * A streamed HTTP answer. The runtime sends status and headers with the first write; an answer that ends without one
 * loses both, so `end` is only ever called after a write.
 */
export class StreamedAnswer implements Sink {
  readonly #stream: Writable;
  readonly #padding: string;
  readonly #over = Promise.withResolvers<void>();

  /** @param paddingBytes length of the comment that follows each write; 0 for none. */
  constructor(stream: Writable, head: StreamedHead, paddingBytes = 0) {
    this.#stream = awslambda.HttpResponseStream.from(stream, head);
    // Without a listener a connection that breaks would end the whole process.
    this.#stream.on('error', () => this.#over.resolve());
    this.#padding = paddingBytes > 0 ? `:${' '.repeat(Math.max(0, paddingBytes - 3))}\n\n` : '';
  }

  write(text: string): Promise<void> | undefined {
    const hasRoom = this.#stream.write(text);
    // Lambda may hold a small chunk back until the next write: a comment in a later tick pushes it out.
    if (this.#padding !== '') setImmediate(() => this.#stream.writable && this.#stream.write(this.#padding));
    if (hasRoom || !this.#stream.writable) return undefined;
    return new Promise((resolve) => {
      this.#stream.once('drain', resolve);
    });
  }

  isBroken(): boolean {
    return !this.#stream.writable;
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
}
