/** Status, headers and cookies that a streaming handler put before its body. */
export interface Prelude {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

/** A parsed prelude and the first bytes of the body, which may be none. */
export interface ParsedPrelude {
  readonly prelude: Prelude;
  readonly body: Buffer;
}

const delimiter = Buffer.alloc(8);

/** Lambda's limit on a response's headers is not documented; this one only bounds memory here. */
const preludeLimit = 64 * 1024;

/**
 * Reads the beginning of Lambda's streaming format: JSON metadata, eight NUL bytes, body.
 * The bytes may come in any pieces; the JSON itself holds no NUL byte, since JSON escapes it.
 */
export class PreludeReader {
  #pending: Buffer = Buffer.alloc(0);

  /** Everything that came, while no delimiter was found. */
  get pending(): Buffer {
    return this.#pending;
  }

  /**
   * Takes the next bytes.
   * @returns the prelude as soon as its delimiter is complete.
   * @throws {Error} when the metadata is not JSON, or has no end.
   */
  push(bytes: Buffer): ParsedPrelude | undefined {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const end = this.#pending.indexOf(delimiter);
    if (end === -1) {
      if (this.#pending.length > preludeLimit) throw new Error('the response metadata has no end');
      return undefined;
    }
    const metadata = JSON.parse(this.#pending.subarray(0, end).toString('utf8')) as Partial<Prelude>;
    return {
      prelude: {
        statusCode: metadata.statusCode ?? 200,
        headers: metadata.headers ?? {},
        cookies: metadata.cookies ?? [],
      },
      body: this.#pending.subarray(end + delimiter.length),
    };
  }
}
