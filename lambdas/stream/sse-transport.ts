import type { Frame } from '../../protocol/frames.ts';
import { encodeFrame } from '../../protocol/sse.ts';
import type { Transport } from '../../core/session/transport.ts';
import type { HostAnswer } from './host.ts';

/** Carries frames as Server-Sent Events. */
export class SseTransport implements Transport {
  readonly #answer: HostAnswer;

  constructor(answer: HostAnswer) {
    this.#answer = answer;
  }

  write(frames: readonly Frame[]): Promise<void> | undefined {
    return this.#answer.write(frames.map(encodeFrame).join(''));
  }

  isBroken(): boolean {
    return this.#answer.isBroken();
  }

  /** The `end` frame has said why. */
  close(): void {
    this.#answer.end();
  }
}
