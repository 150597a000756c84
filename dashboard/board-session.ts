import type { Task } from '../protocol/task.ts';
import { backOff } from './backoff.ts';
import type { BoardView } from './board-view.ts';
import type { FramePanel } from './frame-panel.ts';
import { StateLoader } from './state-loader.ts';
import type { TaskActions } from './task-card.ts';
import { TaskApi } from './task-api.ts';
import type { TaskFields } from './task-api.ts';
import { TaskReplica } from './task-replica.ts';
import { TaskStream } from './task-stream.ts';
import type { ConnectionState } from './task-stream.ts';
import { TaskWrites } from './task-writes.ts';
import type { WriteOutcome } from './task-writes.ts';
import type { TokenSource } from './token-source.ts';

export interface BoardSessionOptions {
  /** Makes the source of tokens; the signal ends its requests. */
  readonly createTokens: (signal: AbortSignal) => TokenSource;
  /** Makes the view, which needs the session's actions. */
  readonly createView: (actions: TaskActions) => BoardView;
  readonly frames: FramePanel;
  readonly onState: (state: ConnectionState, detail?: string) => void;
  /** A request failed, in words for the user; undefined when one has succeeded since. */
  readonly onProblem: (problem: string | undefined) => void;
}

/** All that the page does as one user: from the token to the board. */
export class BoardSession implements TaskActions {
  readonly #options: BoardSessionOptions;
  readonly #closing = new AbortController();
  readonly #writes: TaskWrites;
  readonly #stream: TaskStream;

  constructor(options: BoardSessionOptions) {
    this.#options = options;
    const { createTokens, createView, frames, onState, onProblem } = options;
    const { signal } = this.#closing;
    const tokens = createTokens(signal);
    const api = new TaskApi(tokens, signal);
    this.#writes = new TaskWrites({ api, wait: (attempt) => backOff(attempt, signal) });
    const replica = new TaskReplica(createView(this));
    const loader = new StateLoader({
      list: () => api.list(),
      replica,
      onFailure: (error) => onProblem(`The tasks cannot be loaded, trying again. ${error.message}`),
      onLoaded: () => onProblem(undefined),
      signal,
    });
    this.#stream = new TaskStream({
      tokens,
      checkAccess: () => api.checkAccess(),
      onState,
      onFrame: (frame) => frames.add(frame),
      onTaskEvent: (event) => replica.apply(event),
      onStateUnknown: () => void loader.load(),
      signal,
    });
  }

  /** Opens the stream; after `pause` it goes on where it was. */
  open(): void {
    void this.#stream.open();
  }

  /** Leaves the stream until `open`. */
  pause(): void {
    this.#stream.pause();
  }

  /** Ends all that is under way; nothing is reported after it. */
  close(): void {
    this.#closing.abort();
  }

  /** As `TaskWrites.create`; undefined when it failed, which is told to the user. */
  create(fields: TaskFields, key: string): Promise<WriteOutcome | undefined> {
    return this.#report(this.#writes.create(fields, key));
  }

  update(seen: Task, fields: TaskFields): Promise<WriteOutcome | undefined> {
    return this.#report(this.#writes.update(seen, fields));
  }

  delete(seen: Task): Promise<WriteOutcome | undefined> {
    return this.#report(this.#writes.delete(seen));
  }

  async #report(write: Promise<WriteOutcome>): Promise<WriteOutcome | undefined> {
    try {
      const outcome = await write;
      this.#options.onProblem(undefined);
      return outcome;
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#options.onProblem((error as Error).message);
      return undefined;
    }
  }
}
