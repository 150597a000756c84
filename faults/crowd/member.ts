import { Conditions } from '../board/conditions.ts';
import type { Frame } from '../board/frame-order.ts';
import { EventSourceClient } from '../board/event-source.ts';

/** One client of a crowd: what it hears is noted once for all of them, since a thousand hear the same. */
export class Member {
  readonly source: EventSourceClient;
  /** Places of what it heard in the crowd's list. */
  readonly heard: number[] = [];
  /** Names of the tasks that it heard of are looked up here. */
  readonly names = new Set<string>();
  incomplete = 0;
  /** Whether its next frame is to be its last one for a while. */
  freezesSoon = false;
  readonly #note: (frame: Frame) => number;
  readonly #conditions = new Conditions();
  #establishedOn = 0;

  /** @param note gives an event its place in the crowd's list */
  constructor(url: string, note: (frame: Frame) => number) {
    this.#note = note;
    this.source = new EventSourceClient({
      url,
      onFrame: (frame) => this.#receive(frame),
      onEnd: () => this.#conditions.check(),
    });
  }

  /** Whether the stream that is open has brought its first frame. */
  get isEstablished(): boolean {
    return this.source.isConnected && this.#establishedOn === this.source.connections;
  }

  /** Waits until a condition is fulfilled, which is looked at after each frame; false when time runs out. */
  until(condition: () => boolean, milliseconds: number): Promise<boolean> {
    return this.#conditions.until(condition, milliseconds);
  }

  #receive(frame: Frame): void {
    const { event, data } = frame;
    if (data.type === 'connection.established') {
      this.#establishedOn = this.source.connections;
    } else if (event === 'resume' && data['complete'] === false) this.incomplete += 1;
    else if (data.type?.startsWith('task.') === true) {
      this.heard.push(this.#note(frame));
      const { task } = data as { readonly task?: { readonly name: string } };
      if (task !== undefined) this.names.add(task.name);
    }
    if (this.freezesSoon) {
      this.freezesSoon = false;
      this.source.freeze();
    }
    this.#conditions.check();
  }
}
