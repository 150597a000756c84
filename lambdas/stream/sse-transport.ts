import type { Frame } from '../../protocol/frames.ts';
import { encodeFrame } from '../../protocol/sse.ts';
import type { Transport } from '../../core/session/transport.ts';
import type { HostAnswer } from './host.ts';

/** Carries frames as Server-Sent Events. */
export class SseTransport implements Transport {
  readonly broken: Promise<void>;
  readonly #answer: HostAnswer;
  readonly #padding: string;
  #isOver = false;

  /** @param paddingBytes length of the comment that follows each write; 0 for none. */
  constructor(answer: HostAnswer, paddingBytes: number) {
    this.#answer = answer;
    this.#padding = paddingBytes > 0 ? `:${' '.repeat(Math.max(0, paddingBytes - 2))}\n` : '';
    this.broken = this.#untilBroken(answer.broken);
  }

  write(frames: readonly Frame[]): Promise<void> | undefined {
    const room = this.#answer.write(frames.map(encodeFrame).join(''));
    // Lambda may hold a small chunk back until the next write: a comment in a later tick pushes it out.
    if (this.#padding !== '') setImmediate(() => this.#isOver || void this.#answer.write(this.#padding));
    return room;
  }

  async #untilBroken(broken: Promise<void>): Promise<void> {
    await broken;
    this.#isOver = true;
  }

  /** The `end` frame has said why. */
  close(): void {
    this.#isOver = true;
    this.#answer.end();
  }
}
