import type { TaskEvent } from '../../protocol/events.ts';
import type { Task } from '../../protocol/task.ts';

/** Shows what the replica holds. */
export interface TaskView {
  /** Everything is replaced. */
  readonly reset: (tasks: readonly Task[]) => void;
  /** A task is new or has changed. */
  readonly put: (task: Task) => void;
  readonly remove: (id: number) => void;
}

/** What an answer has told before the events have. */
interface Answer {
  /** Undefined when the task is gone. */
  readonly task: Task | undefined;
  /**
   * Whether no event has told of the task yet, because the request has created it. Of any other task that is not held the
   * answer is only a hint, as old as it may be: the task has been deleted since, or has left the filter.
   */
  readonly isNew: boolean;
  /** Which load was the last to begin. */
  readonly load: number;
}

/**
 * The page's copy of the tasks, made of loads and events, in this order: a load that began after the stream did
 * holds all that came before it, and the events that arrive meanwhile are kept and applied to it. So a slow answer
 * can bring back neither a deleted task nor an old version. What the answer to a write tells stands before it until its
 * event comes, or a load that began after the answer.
 */
export class TaskReplica {
  readonly #view: TaskView;
  readonly #tasks = new Map<number, Task>();
  readonly #answers = new Map<number, Answer>();
  /** Events since the load began; undefined while there is none under way. */
  #kept: TaskEvent[] | undefined;
  #loads = 0;
  #isLoaded = false;

  constructor(view: TaskView) {
    this.#view = view;
  }

  /** The task as the server is known to have it. */
  get(id: number): Task | undefined {
    const held = this.#tasks.get(id);
    const answer = this.#answers.get(id);
    if (answer === undefined || (held === undefined && !answer.isNew)) return held;
    return answer.task;
  }

  /** Whether a task is there because it was created, and no event has told of it yet. */
  isNew(id: number): boolean {
    return this.#answers.get(id)?.isNew === true && this.get(id) !== undefined;
  }

  /** A load begins, or begins anew: call it before the request is sent. */
  beginLoad(): void {
    this.#loads += 1;
    this.#kept = [];
  }

  /** The load that began last is complete: all tasks that the user may see. */
  finishLoad(tasks: readonly Task[]): void {
    this.#fill(tasks);
    this.#kept = undefined;
    this.#isLoaded = true;
    for (const [id, answer] of this.#answers) if (!this.#outlasts(id, answer)) this.#answers.delete(id);
    this.#reset();
  }

  /** The first load has come so far: shows that, where nothing more is shown. */
  showSoFar(tasks: readonly Task[]): void {
    if (this.#isLoaded || tasks.length < this.#tasks.size) return;
    this.#fill(tasks);
    this.#reset();
  }

  /** The load that began last will not be completed. */
  abandonLoad(): void {
    this.#kept = undefined;
  }

  /** Takes an event of the stream, in the stream's order. */
  apply(event: TaskEvent): void {
    this.#kept?.push(event);
    // Until there is a state, a part of one says nothing.
    if (!this.#isLoaded || !this.#change(event)) return;
    const task = this.get(event.taskId);
    if (task === undefined) this.#view.remove(event.taskId);
    else this.#view.put(task);
  }

  /**
   * Takes what an answer has told.
   * @param task undefined when there is no such task any more.
   * @param isNew whether the request has created the task.
   */
  takeAnswer(id: number, task: Task | undefined, isNew = false): void {
    const before = this.#answers.get(id);
    const known = before === undefined ? this.#tasks.get(id) : before.task;
    // What is gone stays so, and what is not held is not missed.
    if (known === undefined && (before !== undefined || task === undefined)) return;
    if (known !== undefined && task !== undefined && task.version <= known.version) return;
    this.#answers.set(id, { isNew, ...before, task, load: this.#loads });
  }

  /** Whether an answer still says more than what is held after a load. */
  #outlasts(id: number, { task, isNew, load }: Answer): boolean {
    // A load that began after it holds what it told.
    if (load < this.#loads) return false;
    const held = this.#tasks.get(id);
    if (task === undefined) return isNew || held !== undefined;
    return held === undefined || task.version > held.version;
  }

  /** Takes what was listed, and what has happened since. */
  #fill(tasks: readonly Task[]): void {
    this.#tasks.clear();
    for (const task of tasks) this.#tasks.set(task.id, task);
    for (const event of this.#kept ?? []) this.#change(event);
  }

  #reset(): void {
    const ids = new Set([...this.#tasks.keys(), ...this.#answers.keys()]);
    this.#view.reset([...ids].map((id) => this.get(id)).filter((task) => task !== undefined));
  }

  /** Gives whether the event told something that is not older than what is held. */
  #change(event: TaskEvent): boolean {
    const { taskId } = event;
    const answer = this.#answers.get(taskId);
    if (event.type === 'task.deleted') {
      // It may tell that the task had left the filter, and the answer that it has come back.
      if (answer?.task === undefined) this.#answers.delete(taskId);
      else this.#answers.set(taskId, { ...answer, isNew: false });
      this.#tasks.delete(taskId);
      return true;
    }
    const held = this.#tasks.get(taskId);
    // An equal version may carry news: a write past the API leaves the version as it is.
    if (held !== undefined && event.task.version < held.version) return false;
    this.#tasks.set(taskId, event.task);
    if (answer?.task !== undefined && event.task.version >= answer.task.version) this.#answers.delete(taskId);
    return true;
  }
}
