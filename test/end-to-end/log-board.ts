import type { TestStack, Who } from './stack.ts';
import type { ReceivedFrame, StreamClient } from './stream-client.ts';

/** A board as a page keeps it: it follows a stream, and loads its tasks again when it is told to. */
export class LogBoard {
  readonly stream: StreamClient;
  readonly #stack: TestStack;
  readonly #who: Who;
  readonly #tasks: Map<number, ReceivedFrame['data']>;
  #read = 0;
  /** What it was told of its place, in order. */
  readonly resumes: ReceivedFrame['data'][] = [];

  private constructor(
    stack: TestStack,
    who: Who,
    stream: StreamClient,
    tasks: Map<number, ReceivedFrame['data']>,
  ) {
    this.#stack = stack;
    this.#who = who;
    this.stream = stream;
    this.#tasks = tasks;
  }

  /** Loads the tasks, and follows them from where the list was. */
  static async open(stack: TestStack, who: Who): Promise<LogBoard> {
    const { tasks, streamCursor } = (await stack.request(who, 'GET', '/tasks')).body;
    return LogBoard.from(stack, who, streamCursor as string, tasksById(tasks));
  }

  /** As a page that comes back with the cursor and the tasks that it had. */
  static async from(
    stack: TestStack,
    who: Who,
    cursor: string,
    tasks: ReadonlyMap<number, ReceivedFrame['data']>,
  ): Promise<LogBoard> {
    const stream = await stack.connect(who, {}, { 'last-event-id': cursor });
    return new LogBoard(stack, who, stream, new Map(tasks));
  }

  /** What it shows: id → version and name. */
  get shown(): Readonly<Record<number, string>> {
    return Object.fromEntries(
      [...this.#tasks]
        .toSorted(([a], [b]) => a - b)
        .map(([id, { version, name }]) => [id, `${version} ${name}`]),
    );
  }

  get tasks(): ReadonlyMap<number, ReceivedFrame['data']> {
    return this.#tasks;
  }

  /** Takes what comes until the board shows a task of that name. */
  async untilShown(name: string): Promise<void> {
    await this.until(() => [...this.#tasks.values()].some((task) => task.name === name));
  }

  /** Takes what comes until a condition holds. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await this.stream.until((frames) => frames.length > this.#read);
      for (; this.#read < this.stream.frames.length; this.#read += 1) {
        await this.#take(this.stream.frames[this.#read]!);
      }
    }
  }

  async #take({ event, data }: ReceivedFrame): Promise<void> {
    if (event === 'resume') {
      this.resumes.push(data);
      if (data.complete === false) await this.#load();
    } else if (data.type === 'task.deleted') {
      this.#tasks.delete(data.taskId as number);
    } else if (data.task !== undefined) {
      const known = this.#tasks.get(data.taskId as number);
      if (known === undefined || data.task.version >= known.version)
        this.#tasks.set(data.taskId as number, data.task);
    }
  }

  async #load(): Promise<void> {
    const { tasks } = (await this.#stack.request(this.#who, 'GET', '/tasks')).body;
    this.#tasks.clear();
    for (const [id, task] of tasksById(tasks)) this.#tasks.set(id, task);
  }
}

function tasksById(tasks: readonly ReceivedFrame['data'][]): Map<number, ReceivedFrame['data']> {
  return new Map(tasks.map((task) => [task.id as number, task]));
}
