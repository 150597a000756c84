import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** An error as the runtime reports it. */
export interface ReportedError {
  readonly errorType: string;
  readonly errorMessage: string;
}

/** One invocation and the answer that the runtime gives to it, as it comes. */
export class Invocation {
  /** Headers of the runtime's POST; empty until it begins. */
  headers: IncomingHttpHeaders = {};
  /** Headers that came after the body: a streaming function that fails reports it there. */
  trailers: Readonly<Record<string, string | undefined>> = {};
  /** Resolves with the whole answer when it has ended; rejects with the function's error, or when it is cut. */
  readonly ended: Promise<Buffer>;
  readonly #chunks: Buffer[] = [];
  readonly #settle: { resolve: (body: Buffer) => void; reject: (error: Error) => void };
  #isOpen = true;
  #isStalled = false;
  #request: IncomingMessage | undefined;
  #wake = Promise.withResolvers<void>();

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    this.ended = promise;
    // Not every test waits for the end of its invocation.
    promise.catch(() => undefined);
    this.#settle = { resolve, reject };
  }

  /** Whether the answer has not ended. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The bytes so far. */
  get body(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Resolves when the bytes so far hold a text; rejects when the answer ends without it. */
  async until(text: string): Promise<void> {
    while (!this.body.includes(text)) {
      if (!this.#isOpen) throw new Error(`the answer ended without ${text}: ${this.body.toString()}`);
      await this.#wake.promise;
    }
  }

  /** Takes nothing of the answer, as for a client that does not read, until `read`. */
  stall(): void {
    this.#isStalled = true;
  }

  /** Takes the answer after all. */
  read(): void {
    this.#isStalled = false;
    this.#request?.resume();
  }

  /** Takes the POST that carries the answer. */
  receive(request: IncomingMessage): void {
    this.headers = request.headers;
    this.#request = request;
    if (this.#isStalled) request.pause();
    request.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#notify();
    });
    request.once('end', () => {
      this.trailers = request.trailers;
      this.#close();
      this.#settle.resolve(this.body);
    });
    request.once('close', () => {
      if (this.#isOpen) this.#reject(new Error('the runtime broke off its answer'));
    });
  }

  /** Takes the error that the runtime reports instead of an answer. */
  fail({ errorType, errorMessage }: ReportedError): void {
    this.#reject(new Error(`${errorType}: ${errorMessage}`));
  }

  #reject(error: Error): void {
    this.#close();
    this.#settle.reject(error);
  }

  #close(): void {
    this.#isOpen = false;
    this.#notify();
  }

  #notify(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}
