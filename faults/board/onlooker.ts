import type { AwarenessEvent, Viewer } from '../../protocol/awareness.ts';
import { awarenessTypes } from '../../protocol/awareness.ts';
import type { Frame } from './frame-order.ts';

/** What a client is told of other users, and the picture that it makes of them as docs/PROTOCOL.md has it. */
export class Onlooker {
  /** Who is there, by user. */
  readonly viewers = new Map<string, Viewer>();
  /** Who types at which task, as `typingKey` has it, and until when unless it is said again; epoch milliseconds. */
  readonly #typing = new Map<string, number>();
  /** The tasks that it ever heard of here. */
  readonly heardOf = new Set<number>();
  /** Frames that may not come where they came, or as they came, in words. */
  readonly violations: string[] = [];
  /** Whether a push may come before the snapshot that it is newer than, or tell what that told. */
  readonly #isPushedTo: boolean;
  /** Whether it was told who is there since it connected. */
  #hasBegun = false;
  #parts: Viewer[] = [];

  constructor(isPushedTo: boolean) {
    this.#isPushedTo = isPushedTo;
  }

  /** Takes any frame of its client. */
  take({ id, event, data, at }: Frame): void {
    if (data.type === 'connection.established') {
      this.#hasBegun = false;
      this.#typing.clear();
    }
    const told = data as unknown as AwarenessEvent;
    if (!awarenessTypes.includes(told.type)) return;
    if (id !== undefined) this.violations.push(`"${told.type}" moved the cursor of its client`);
    if (event !== undefined) this.violations.push(`"${told.type}" came with the name "${event}"`);
    this.#hear(told, at);
  }

  /** The picture as text: two are the same when this is. */
  get picture(): string {
    return pictureOf([...this.viewers.values()]);
  }

  /** Who types at which task. A stream says when that is over; where pushes may be lost its client knows it by itself. */
  get typing(): readonly string[] {
    const now = Date.now();
    return [...this.#typing].filter(([, until]) => !this.#isPushedTo || until > now).map(([key]) => key);
  }

  #hear(told: AwarenessEvent, at: number): void {
    switch (told.type) {
      case 'presence.snapshot':
        return this.#hearSnapshot(told.viewers, told.last);
      case 'typing.started':
        this.heardOf.add(told.taskId);
        this.#typing.set(
          typingKey(told.userId, told.taskId),
          at + Date.parse(told.expiresAt) - Date.parse(told.timestamp),
        );
        return undefined;
      case 'typing.stopped':
        this.heardOf.add(told.taskId);
        this.#typing.delete(typingKey(told.userId, told.taskId));
        return undefined;
      case 'presence.left':
        this.#expect(this.viewers.delete(told.userId), `${told.userId} left, and was not there`);
        return undefined;
      case 'presence.joined':
      case 'presence.updated': {
        const { type, timestamp: _timestamp, ...viewer } = told;
        const before = this.viewers.get(viewer.userId);
        const isNew = before === undefined;
        this.#expect(isNew === (type === 'presence.joined'), `${viewer.userId} came with "${type}"`);
        this.#expect(isNew || viewerText(before) !== viewerText(viewer), `${viewer.userId} was told twice`);
        this.#show(viewer);
      }
    }
  }

  #hearSnapshot(viewers: readonly Viewer[], isLast: boolean): void {
    this.#parts.push(...viewers);
    if (!isLast) return;
    this.viewers.clear();
    for (const viewer of this.#parts) this.#show(viewer);
    this.#parts = [];
    this.#hasBegun = true;
  }

  #show(viewer: Viewer): void {
    for (const task of viewer.tasks) this.heardOf.add(task);
    this.viewers.set(viewer.userId, viewer);
  }

  /** A stream tells changes alone, each once, and after a snapshot. */
  #expect(isRight: boolean, what: string): void {
    if (this.#isPushedTo) return;
    if (!this.#hasBegun) this.violations.push(`it was told a change before it knew who is there: ${what}`);
    else if (!isRight) this.violations.push(what);
  }
}

/** Who types where, as text. */
export function typingKey(userId: string, taskId: number): string {
  return `${userId} at ${taskId}`;
}

/** Who is there, in any order, as text. */
export function pictureOf(viewers: readonly Viewer[]): string {
  return viewers.map(viewerText).toSorted().join('; ') || 'nobody';
}

function viewerText({ userId, state, tasks, since }: Viewer): string {
  return `${userId} ${state} at [${tasks.join()}] since ${since}`;
}
