import type { Connection, StreamFrame } from '../../client/index.ts';

/** How many frames are kept, the last ones. */
export const keptFrames = 500;

/** How often whoever looks is told of new frames at the most, milliseconds. */
const tellMs = 200;

/** A frame that has come. */
export interface LoggedFrame extends StreamFrame {
  /** Counts the frames of the session. */
  readonly number: number;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** What the log has: the same object as long as nobody has been told of another one. */
export interface FrameLogSnapshot {
  /** The newest first. */
  readonly frames: readonly LoggedFrame[];
  /** How many have come since the session began. */
  readonly received: number;
}

/** Keeps the last frames of a connection; while nobody looks that is all it does. */
export class FrameLog {
  #frames: LoggedFrame[] = [];
  #received = 0;
  #connectionId: string | undefined;
  #snapshot: FrameLogSnapshot = { frames: [], received: 0 };
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #end: () => void;

  constructor(connection: Pick<Connection, 'on'>) {
    this.#end = connection.on('frame', (frame) => this.#add(frame));
  }

  readonly getSnapshot = (): FrameLogSnapshot => {
    // Nobody was told of what came while nobody looked.
    if (this.#listeners.size === 0 && this.#snapshot.received !== this.#received) this.#renew();
    return this.#snapshot;
  };

  /** Of the newest stream whose beginning has been told. */
  get connectionId(): string | undefined {
    return this.#connectionId;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    // What has come since the snapshot was taken, when there was nobody to tell.
    if (this.#snapshot.received !== this.#received) this.#tellSoon();
    return () => this.#listeners.delete(listener);
  };

  readonly clear = (): void => {
    this.#frames = [];
    this.#tell();
  };

  close(): void {
    this.#end();
    clearTimeout(this.#timer);
  }

  #add(frame: StreamFrame): void {
    this.#received += 1;
    if (frame.data.includes('"connection.established"'))
      this.#connectionId = idIn(frame.data) ?? this.#connectionId;
    this.#frames.push({ ...frame, number: this.#received, receivedAt: Date.now() });
    // Not at each frame: that would move all of them each time.
    if (this.#frames.length >= 2 * keptFrames) this.#frames = this.#frames.slice(-keptFrames);
    if (this.#listeners.size > 0) this.#tellSoon();
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => this.#tell(), tellMs);
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#renew();
    for (const listener of this.#listeners) listener();
  }

  #renew(): void {
    this.#snapshot = { frames: this.#frames.slice(-keptFrames).toReversed(), received: this.#received };
  }
}

/** The id that the first event of a stream gives; a task's name may have its words, so only the type counts. */
function idIn(data: string): string | undefined {
  const event = JSON.parse(data) as { readonly type?: string; readonly connectionId?: string };
  return event.type === 'connection.established' ? event.connectionId : undefined;
}
