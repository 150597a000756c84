import type { Duplex } from 'node:stream';

/** The bytes of a frame's header but for the long forms of its length and for its mask. Source: RFC 6455, 5.2. */
const shortHeader = 2;
const maskLength = 4;

/** Reads the lengths of the frames in a stream of bytes, which the library that reads messages keeps for itself. */
export class FrameLengths {
  readonly #onFrame: (length: number) => void;
  #header = Buffer.alloc(0);
  /** Bytes of the frame under way that are still to come, after its header. */
  #left = 0;

  /** @param onFrame hears of each frame as soon as its header is there. */
  constructor(onFrame: (length: number) => void) {
    this.#onFrame = onFrame;
  }

  push(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      const skipped = Math.min(this.#left, rest.length);
      this.#left -= skipped;
      rest = rest.subarray(skipped);
      if (rest.length === 0) return;
      this.#header = Buffer.concat([this.#header, rest]);
      rest = Buffer.alloc(0);
      const frame = readHeader(this.#header);
      if (frame === undefined) return;
      rest = this.#header.subarray(frame.headerLength);
      this.#header = Buffer.alloc(0);
      this.#left = frame.length;
      this.#onFrame(frame.length);
    }
  }
}

/** The lengths of a frame and of its header; undefined while the header is not whole. */
function readHeader(bytes: Buffer): { readonly headerLength: number; readonly length: number } | undefined {
  if (bytes.length < shortHeader) return undefined;
  const second = bytes[1]!;
  const form = second & 0x7f;
  const lengthBytes = form === 127 ? 8 : form === 126 ? 2 : 0;
  const headerLength = shortHeader + lengthBytes + (second & 0x80 ? maskLength : 0);
  if (bytes.length < headerLength) return undefined;
  if (lengthBytes === 0) return { headerLength, length: form };
  const length =
    lengthBytes === 2 ? bytes.readUInt16BE(shortHeader) : Number(bytes.readBigUInt64BE(shortHeader));
  return { headerLength, length };
}

/** Tells of each frame of a connection that is over a limit, before whoever listens from now on has read it. */
export function watchFrames(socket: Duplex, limit: number, onTooLarge: () => void): void {
  const lengths = new FrameLengths((length) => {
    if (length > limit) onTooLarge();
  });
  socket.on('data', (bytes: Buffer) => lengths.push(bytes));
}
