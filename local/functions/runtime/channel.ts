/**
 * The frames between the stack and a function's host process: one duplex pipe carries all invocations of a function.
 * A frame is: type (1 byte), invocation (4 bytes, big endian), payload length (4 bytes, big endian), payload.
 */

/** Frame types. The stack sends the first group, the host the second. */
export const frameType = {
  /** Payload: JSON {@link InvocationRequest}. */
  invoke: 1,
  /** The receiver of a streamed response has taken bytes of it. Payload: how many (4 bytes, big endian). */
  taken: 2,
  /** Asks for {@link MemoryReport}. */
  memory: 3,

  /** The handler is loaded. */
  ready: 16,
  /** The handler could not be loaded. Payload: JSON {@link FunctionError}. */
  initializationFailed: 17,
  /** A buffered handler's result. Payload: JSON. */
  result: 18,
  /** The handler threw. Payload: JSON {@link FunctionError}. */
  failed: 19,
  /** A streamed response begins. Payload: its content type. */
  contentType: 20,
  /** Bytes of a streamed response. */
  chunk: 21,
  /** A streamed response is complete. */
  end: 22,
  /** Payload: JSON {@link MemoryReport}. */
  memoryReport: 23,
} as const;

/**
 * Bytes of a response that the host sends before the receiver has taken them: what a client that does not read can make
 * the stack hold.
 */
export const responseWindow = 256 * 1024;

/** An invocation as the host receives it. */
export interface InvocationRequest {
  readonly requestId: string;
  /** Epoch milliseconds at which Lambda would end the function. */
  readonly deadline: number;
  readonly event: unknown;
}

/** An error in Lambda's shape. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** Memory of a host process after a garbage collection, in bytes. */
export interface MemoryReport {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
}

const headerLength = 9;

/** Writes the header of a frame. */
export function frameHeader(type: number, invocation: number, length: number): Buffer {
  const header = Buffer.allocUnsafe(headerLength);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(invocation, 1);
  header.writeUInt32BE(length, 5);
  return header;
}

/** Writes a whole frame. */
export function encodeFrame(type: number, invocation: number, payload: Buffer | string = ''): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  return Buffer.concat([frameHeader(type, invocation, bytes.length), bytes]);
}

/** Receives one frame; the payload is a view that stays valid. */
export type FrameReceiver = (type: number, invocation: number, payload: Buffer) => void;

/** Cuts a byte stream into frames, however the stream was split. */
export class FrameReader {
  readonly #receive: FrameReceiver;
  #rest: Buffer = Buffer.alloc(0);
  /** Parts of a frame that is longer than what has come; joined once, when it is whole. */
  #parts: Buffer[] = [];
  #missing = 0;

  constructor(receive: FrameReceiver) {
    this.#receive = receive;
  }

  /** Takes the next bytes and hands over every frame that is complete. */
  push(bytes: Buffer): void {
    if (this.#missing > bytes.length) {
      this.#parts.push(bytes);
      this.#missing -= bytes.length;
      return;
    }
    let buffer = bytes;
    if (this.#parts.length > 0) {
      buffer = Buffer.concat([...this.#parts, bytes]);
      this.#parts = [];
      this.#missing = 0;
    } else if (this.#rest.length > 0) {
      buffer = Buffer.concat([this.#rest, bytes]);
    }
    this.#rest = Buffer.alloc(0);
    let offset = 0;
    while (buffer.length - offset >= headerLength) {
      const length = buffer.readUInt32BE(offset + 5);
      const end = offset + headerLength + length;
      if (end > buffer.length) {
        this.#parts = [buffer.subarray(offset)];
        this.#missing = end - buffer.length;
        return;
      }
      this.#receive(
        buffer.readUInt8(offset),
        buffer.readUInt32BE(offset + 1),
        buffer.subarray(offset + headerLength, end),
      );
      offset = end;
    }
    this.#rest = buffer.subarray(offset);
  }
}
