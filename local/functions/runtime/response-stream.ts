import { Writable } from 'node:stream';

/** Where the bytes of a streamed response go. */
export interface ResponseTarget {
  readonly contentType: (type: string) => void;
  /** Takes bytes; calls back when it can take more. */
  readonly chunk: (bytes: Buffer, taken: () => void) => void;
  readonly end: () => void;
  /** The function has destroyed the response before its end: what is left of it is not sent. */
  readonly brokenOff: (reason: Error) => void;
}

/** The content type that announces a JSON prelude with status and headers. */
export const preludeContentType = 'application/vnd.awslambda.http-integration-response';

const defaultContentType = 'application/octet-stream';
const preludeDelimiter = Buffer.alloc(8);

/**
 * The response stream that a streaming handler gets. As in AWS's runtime, nothing leaves before the first `write`, a
 * hook runs just before it, and `end(data)` alone passes that hook by: status and headers are lost then.
 */
export class ResponseStream extends Writable {
  /** Set by {@link HttpResponseStream.from}. */
  beforeFirstWrite: ((write: (data: Uint8Array | string) => void) => void) | undefined;
  readonly #target: ResponseTarget;
  #contentType = defaultContentType;
  #begun = false;
  #wrote = false;

  constructor(target: ResponseTarget) {
    super({ decodeStrings: true });
    this.#target = target;
  }

  /** Sets the content type of the raw response; too late after the first write. */
  setContentType(type: string): void {
    if (this.#wrote) throw new Error('Cannot set content-type, too late.');
    this.#contentType = type;
  }

  override write(
    chunk: unknown,
    encodingOrCallback?: BufferEncoding | ((error: Error | null | undefined) => void),
    callback?: (error: Error | null | undefined) => void,
  ): boolean {
    const data = typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk : JSON.stringify(chunk);
    if (!this.#wrote) {
      this.#wrote = true;
      this.beforeFirstWrite?.((prelude) => super.write(prelude));
    }
    return typeof encodingOrCallback === 'function'
      ? super.write(data, encodingOrCallback)
      : super.write(data, encodingOrCallback ?? 'utf8', callback);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, taken: () => void): void {
    this.#begin();
    this.#target.chunk(chunk, taken);
  }

  override _final(done: () => void): void {
    this.#begin();
    this.#target.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.writableFinished) {
      this.#target.brokenOff(error ?? new Error('the function broke off its response'));
    }
    done(error);
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#target.contentType(this.#contentType);
  }
}

/** What a handler may say about its HTTP response. */
export interface ResponseMetadata {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
}

/** AWS's `awslambda.HttpResponseStream`. */
export const HttpResponseStream = {
  /** Puts status, headers and cookies before the first bytes that the handler writes. */
  from(stream: ResponseStream, metadata: ResponseMetadata): ResponseStream {
    stream.setContentType(preludeContentType);
    const prelude = JSON.stringify(metadata);
    stream.beforeFirstWrite = (write) => {
      write(prelude);
      write(preludeDelimiter);
    };
    return stream;
  },
};
