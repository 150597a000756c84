import { EventSourceClient } from '../../faults/board/event-source.ts';

/** The stream of a page that does what a browser's EventSource does and no more, as the contract's own client. */
export class PageStream {
  readonly source: EventSourceClient;
  /** Ids of the tasks that it has heard of. */
  readonly heard: number[] = [];
  readonly #waiting = new Set<() => void>();
  #establishedOn = -1;

  /** @param url the address of the stream, with the token */
  constructor(url: string) {
    this.source = new EventSourceClient({
      url,
      onFrame: ({ data }) => {
        if (data.type === 'connection.established') this.#establishedOn = this.source.connections;
        if (typeof data['taskId'] === 'number') this.heard.push(data['taskId']);
        this.#wake();
      },
      onEnd: () => this.#wake(),
    });
  }

  /** Why its streams ended so far, without its own doing. */
  get reasons(): readonly (string | undefined)[] {
    return this.source.ends.map(({ reason }) => reason);
  }

  /** Resolves when a condition is fulfilled, which is looked at after each frame and each end. */
  async until(condition: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Resolves when a stream is open, which an answer that only tells the client to come back is not. */
  async untilOpen(): Promise<void> {
    await this.until(() => this.source.isConnected && this.#establishedOn === this.source.connections);
  }

  #wake(): void {
    for (const look of this.#waiting) look();
  }
}
