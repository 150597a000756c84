import type { AwarenessEvent } from '../../protocol/awareness.ts';
import type { StreamFrame } from '../connection/source.ts';

/**
 * The frames that tell who is there and who types: the last snapshot, and the last of each user since. They have no cursor, so
 * a tab that joins can have them from nobody but the leader.
 */
export class AwarenessMemory {
  readonly #frames = new Map<string, StreamFrame>();
  #isWhole = true;

  /** A frame of the stream. */
  note(frame: StreamFrame): void {
    if (frame.name !== 'message' || frame.id !== '') return;
    const event = JSON.parse(frame.data) as AwarenessEvent;
    if (event.type === 'presence.snapshot') {
      if (this.#isWhole) this.#frames.clear();
      this.#isWhole = event.last;
      this.#frames.set(String(this.#frames.size), frame);
      return;
    }
    const key = `${event.type.split('.')[0]} ${event.userId}`;
    this.#frames.delete(key);
    this.#frames.set(key, frame);
  }

  get frames(): StreamFrame[] {
    return [...this.#frames.values()];
  }
}
