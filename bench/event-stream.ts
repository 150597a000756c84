import { paths } from '../protocol/routes.ts';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** Who listens to a stream. */
export interface StreamListener {
  /** The JSON of a task event. */
  readonly onEvent: (json: string) => void;
  /** The connection is over. */
  readonly onEnd: () => void;
}

/** Received bytes of all streams; each read is done with before the next. */
const received = Buffer.allocUnsafe(256 * 1024);

/**
 * A client of an event stream on a bare socket: the load generator shares two cores with what it measures, so it spends
 * as little as can be on HTTP. It understands what Node's server sends: HTTP/1.1 with chunks, frames ended by an empty
 * line. Text is taken as Latin-1, so that characters are bytes.
 */
export class EventStream {
  readonly #listener: StreamListener;
  readonly #socket: Socket;
  readonly #established = Promise.withResolvers<void>();
  #unread = '';
  #hasHead = false;
  /** Bytes that are left of the current chunk, its closing CRLF included; 0 when a chunk's size comes next. */
  #chunkLeft = 0;
  #frames = '';
  #lastId: string | undefined;
  #bytes = 0;

  /**
   * Connects; `established` tells when the first frame is there.
   * @param lastId what a client had last that comes back.
   */
  constructor(port: number, token: string, listener: StreamListener, lastId?: string) {
    this.#lastId = lastId;
    this.#listener = listener;
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer: received,
        callback: (length) => {
          this.#bytes += length;
          this.#read(received.toString('latin1', 0, length));
          return true;
        },
      },
    });
    const end = (): void => {
      this.#established.reject(new Error(`a stream ended before its first frame: ${this.#unread}`));
      listener.onEnd();
    };
    this.#socket.on('error', () => {
      // 'close' follows.
    });
    this.#socket.once('close', end);
    const head = [
      `GET ${paths.stream} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      `Authorization: Bearer ${token}`,
      'Accept: text/event-stream',
      ...(lastId === undefined ? [] : [`Last-Event-ID: ${lastId}`]),
    ];
    this.#socket.write(`${head.join('\r\n')}\r\n\r\n`);
  }

  /** Resolves with the first frame; rejects when the connection ends before, or gives another status than 200. */
  get established(): Promise<void> {
    return this.#established.promise;
  }

  /** The last id that came. */
  get lastId(): string | undefined {
    return this.#lastId;
  }

  /** How much has come, heads of HTTP included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Breaks the connection off. */
  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  #read(bytes: string): void {
    this.#unread += bytes;
    if (!this.#hasHead) {
      const end = this.#unread.indexOf('\r\n\r\n');
      if (end === -1) return;
      if (!this.#unread.startsWith('HTTP/1.1 200 ')) {
        this.#socket.destroy();
        return;
      }
      this.#hasHead = true;
      this.#unread = this.#unread.slice(end + 4);
    }
    this.#readChunks();
    this.#readFrames();
  }

  #readChunks(): void {
    let at = 0;
    while (at < this.#unread.length) {
      if (this.#chunkLeft === 0) {
        const end = this.#unread.indexOf('\r\n', at);
        if (end === -1) break;
        const size = Number.parseInt(this.#unread.slice(at, end), 16);
        at = end + 2;
        this.#chunkLeft = size + 2;
        // The answer is over, and the server would keep the connection for the next request.
        if (size === 0) this.#socket.destroy();
      }
      const taken = Math.min(this.#chunkLeft, this.#unread.length - at);
      const data = Math.min(Math.max(0, this.#chunkLeft - 2), taken);
      this.#frames += this.#unread.slice(at, at + data);
      this.#chunkLeft -= taken;
      at += taken;
    }
    this.#unread = this.#unread.slice(at);
  }

  #readFrames(): void {
    let start = 0;
    for (;;) {
      const end = this.#frames.indexOf('\n\n', start);
      if (end === -1) break;
      this.#readFrame(this.#frames.slice(start, end));
      start = end + 2;
    }
    this.#frames = this.#frames.slice(start);
  }

  #readFrame(frame: string): void {
    const [, json] = /^data: ?(.+)$/m.exec(frame) ?? [];
    const [, id] = /^id: ?(.+)$/m.exec(frame) ?? [];
    if (id !== undefined) this.#lastId = id;
    if (json?.startsWith('{"type":"task.')) this.#listener.onEvent(json);
    else if (json?.startsWith('{"type":"connection.established"')) this.#established.resolve();
  }
}
