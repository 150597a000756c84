import type { SessionPorts } from '../../core/session/ports.ts';
import type { CurrentTasks, TasksFound } from '../../core/subscription/past.ts';
import type { Task } from '../../protocol/task.ts';

/** The tasks table in memory, as who tells the past reads it. */
export class MemoryTasks implements CurrentTasks {
  readonly #tasks: ReadonlyMap<number, Task>;
  /** What a task costs to read, units. */
  unitsPerTask = 1;
  /** What was read, units. */
  units = 0;

  constructor(tasks: ReadonlyMap<number, Task> = new Map()) {
    this.#tasks = tasks;
  }

  async lookUp(_: string, ids: readonly number[]): Promise<TasksFound> {
    const found = ids.flatMap((id) => {
      const task = this.#tasks.get(id);
      return task === undefined ? [] : [[id, task] as const];
    });
    const units = ids.length * this.unitsPerTask;
    this.units += units;
    return { tasks: new Map(found), missing: ids.filter((id) => !this.#tasks.has(id)), units };
  }
}

/** Nobody is there, and nobody says anything. */
export const nobody: SessionPorts['awareness'] = {
  feed: { follow: () => undefined },
  look: async () => ({ records: [], tasks: [], at: 0, units: 0 }),
};

/** A table without tasks. */
export const noTasks = new MemoryTasks();
