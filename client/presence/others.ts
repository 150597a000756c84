import type { AwarenessEvent, Viewer } from '../../protocol/awareness.ts';

/** What was told last of a user, or of one who types at a task. */
interface Told {
  readonly timestamp: string;
}

const nobody: readonly never[] = [];

/** Who is there and who types, by what a connection tells. */
export class Others {
  readonly #isOrdered: boolean;
  readonly #onChange: () => void;
  /** Those who have left too, until the next snapshot: something older may still be on its way. */
  readonly #users = new Map<string, Told & { readonly viewer: Viewer | undefined }>();
  /** By task and user, those who have stopped too. The timer is that of one who types over a WebSocket. */
  readonly #typing = new Map<string, Told & { readonly timer: ReturnType<typeof setTimeout> | undefined }>();
  /** Ids of those who type, by task. */
  readonly #typists = new Map<number, readonly string[]>();
  readonly #viewersAt = new Map<number, readonly Viewer[]>();
  #viewers: readonly Viewer[] | undefined;
  /** Of the last snapshot; empty before there was one. */
  #snapshotAt = '';

  /**
   * @param isOrdered whether what comes later is newer, and each end is told. A WebSocket promises neither: there the later
   *   timestamp counts, and typing ends by itself.
   */
  constructor(isOrdered: boolean, onChange: () => void) {
    this.#isOrdered = isOrdered;
    this.#onChange = onChange;
  }

  get viewers(): readonly Viewer[] {
    this.#viewers ??= [...this.#users.values()]
      .flatMap(({ viewer }) => viewer ?? [])
      .toSorted((one, other) => (one.userId < other.userId ? -1 : 1));
    return this.#viewers;
  }

  viewersAt(taskId: number): readonly Viewer[] {
    const before = this.#viewersAt.get(taskId) ?? nobody;
    const now = this.viewers.filter(({ tasks }) => tasks.includes(taskId));
    if (now.length === before.length && now.every((viewer, index) => viewer === before[index])) return before;
    this.#viewersAt.set(taskId, now);
    return now;
  }

  typingAt(taskId: number): readonly string[] {
    return this.#typists.get(taskId) ?? nobody;
  }

  take(event: AwarenessEvent): void {
    const { type, timestamp } = event;
    if (type === 'presence.snapshot') {
      for (const viewer of event.viewers) this.#note(viewer.userId, timestamp, viewer);
      if (event.last) this.#endSnapshot(timestamp);
    } else if (type === 'presence.left') this.#note(event.userId, timestamp, undefined);
    else if (type === 'typing.started')
      this.#type(event, Date.parse(event.expiresAt) - Date.parse(timestamp));
    else if (type === 'typing.stopped') this.#type(event, 0);
    else {
      const { userId, state, tasks, since } = event;
      this.#note(userId, timestamp, { userId, state, tasks, since });
    }
  }

  /** Takes the answer of `GET /presence`: all that was told since it was asked for is newer. */
  takeList(viewers: readonly Viewer[]): void {
    if (this.#snapshotAt !== '') return;
    for (const viewer of viewers) {
      if (!this.#users.has(viewer.userId)) this.#note(viewer.userId, '', viewer);
    }
  }

  /** Whoever types is told again, or is not known. */
  forgetTyping(): void {
    for (const { timer } of this.#typing.values()) clearTimeout(timer);
    this.#typing.clear();
    if (this.#typists.size === 0) return;
    this.#typists.clear();
    this.#onChange();
  }

  #isOld(timestamp: string, told: Told | undefined): boolean {
    return !this.#isOrdered && timestamp < (told?.timestamp ?? '');
  }

  #note(userId: string, timestamp: string, viewer: Viewer | undefined): void {
    if (this.#isOld(timestamp, this.#users.get(userId) ?? { timestamp: this.#snapshotAt })) return;
    this.#users.set(userId, { timestamp, viewer });
    this.#viewers = undefined;
    this.#onChange();
  }

  /** Of whom a snapshot does not tell is not there. */
  #endSnapshot(timestamp: string): void {
    if (timestamp < this.#snapshotAt && !this.#isOrdered) return;
    this.#snapshotAt = timestamp;
    for (const [userId, told] of this.#users) {
      const isTold = this.#isOrdered ? told.timestamp === timestamp : told.timestamp >= timestamp;
      if (!isTold) this.#users.delete(userId);
    }
    this.#viewers = undefined;
    this.#viewersAt.clear();
    // Over a stream those who type are told after it, and over a WebSocket it may come after them.
    if (this.#isOrdered) this.forgetTyping();
    this.#onChange();
  }

  /** @param endsMs when it ends by itself, milliseconds from now; 0 when it has ended. */
  #type(event: Told & { readonly taskId: number; readonly userId: string }, endsMs: number): void {
    const { taskId, userId, timestamp } = event;
    const key = `${taskId}/${userId}`;
    const before = this.#typing.get(key);
    if (this.#isOld(timestamp, before)) return;
    clearTimeout(before?.timer);
    const isEnding = !this.#isOrdered && endsMs > 0;
    const timer = isEnding ? setTimeout(() => this.#type(event, 0), endsMs) : undefined;
    this.#typing.set(key, { timestamp, timer });
    const others = this.typingAt(taskId);
    if (others.includes(userId) === endsMs > 0) return;
    const typists = endsMs > 0 ? [...others, userId] : others.filter((other) => other !== userId);
    if (typists.length > 0) this.#typists.set(taskId, typists);
    else this.#typists.delete(taskId);
    this.#onChange();
  }
}
