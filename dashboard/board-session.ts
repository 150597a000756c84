import type {
  Connection,
  ConnectionStatus,
  StreamFrame,
  Task,
  TaskFields,
  TokenProvider,
  WriteOutcome,
} from '../client/index.ts';
import { backOff, connect, StateLoader, TaskApi, TaskReplica, TaskWrites } from '../client/index.ts';
import type { BoardView } from './board-view.ts';
import type { FramePanel } from './frame-panel.ts';
import type { TaskActions } from './task-card.ts';

export interface BoardSessionOptions {
  readonly token: TokenProvider;
  /** Makes the view, which needs the session's actions. */
  readonly createView: (actions: TaskActions) => BoardView;
  readonly frames: FramePanel;
  readonly onStatus: (status: ConnectionStatus) => void;
  /** A request failed, in words for the user; undefined when one has succeeded since. */
  readonly onProblem: (problem: string | undefined) => void;
}

/** All that the page does as one user: from the token to the board. */
export class BoardSession implements TaskActions {
  readonly #options: BoardSessionOptions;
  readonly #closing = new AbortController();
  readonly #writes: TaskWrites;
  readonly #connection: Connection;

  constructor(options: BoardSessionOptions) {
    this.#options = options;
    const { token, createView, frames, onStatus, onProblem } = options;
    const { signal } = this.#closing;
    this.#connection = connect({ token });
    const api = new TaskApi(this.#connection);
    this.#writes = new TaskWrites({ api, wait: (attempt) => backOff(attempt, signal) });
    const replica = new TaskReplica(createView(this));
    const loader = new StateLoader({
      list: () => api.list(),
      replica,
      onFailure: (error) => onProblem(`The tasks cannot be loaded, trying again. ${error.message}`),
      onLoaded: () => onProblem(undefined),
      signal,
    });
    onStatus(this.#connection.status);
    this.#connection.on('status', onStatus);
    this.#connection.on('frame', (frame: StreamFrame) => frames.add(frame));
    this.#connection.on('task', (event) => replica.apply(event));
    this.#connection.on('reload', () => void loader.load());
  }

  /** Ends all that is under way; nothing is reported after it. */
  close(): void {
    this.#closing.abort();
    this.#connection.close();
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
