import type { Task } from '../../protocol/task.ts';
import type { Random } from '../random.ts';
import type { User } from '../judge/visibility.ts';

export const statuses = ['inbox', 'up_next', 'in_progress', 'in_review', 'done', 'archived'] as const;

/** Makes up tasks of one workspace. */
export class Drafts {
  readonly #workspace: string;
  readonly #random: Random;
  readonly #users: readonly User[];
  #written = 0;

  constructor(workspace: string, random: Random, users: readonly User[]) {
    this.#workspace = workspace;
    this.#random = random;
    this.#users = users;
  }

  /** A whole task as it could be in the table. */
  draft(id: number, more: Partial<Task> = {}): Task {
    const now = new Date().toISOString();
    const [users, random] = [this.#users, this.#random];
    const status = random.pick(statuses);
    return {
      id,
      name: this.mark(),
      description: random.chance(0.3) ? 'line one\nline two\r\n\u2028data: x' : null,
      status,
      priority: random.integer(0, 100),
      blocked: false,
      assigned_to_agent: false,
      archived: status === 'archived',
      created_by: random.pick(users).sub,
      assignees: this.someUsers(),
      visibility: random.chance(0.4) ? 'private' : 'workspace',
      created_at: now,
      updated_at: now,
      updated_by: null,
      version: 1,
      ...more,
    };
  }

  /** None of the users, or one or two. */
  someUsers(): string[] {
    return this.#random
      .shuffle(this.#users)
      .slice(0, this.#random.integer(0, 2))
      .map(({ sub }) => sub);
  }

  /** A text that no other write has. */
  mark(): string {
    this.#written += 1;
    return `${this.#workspace} ${this.#written}`;
  }
}
