import { entityTag } from '../../protocol/entity-tag.ts';
import { ifMatchHeader } from '../../protocol/headers.ts';
import { pathTo, paths } from '../../protocol/routes.ts';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Task } from '../../protocol/task.ts';
import { Drafts, statuses } from './drafts.ts';
import type { Ledger } from '../judge/ledger.ts';
import type { Random } from '../random.ts';
import type { Refusal } from './task-client.ts';
import { TaskClient, withKey } from './task-client.ts';
import type { TaskTable } from './task-table.ts';
import type { User } from '../judge/visibility.ts';

/** Where a writer writes, and as whom. */
export interface WriterOptions {
  readonly origin: string;
  readonly workspace: string;
  readonly table: TaskTable;
  readonly database: DynamoDBDocumentClient;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly users: readonly User[];
  readonly tokenOf: (sub: string) => string;
}

/** With more tasks than this some go for each that comes: boards of a soak shall not grow. */
const mostTasks = 80;

/**
 * Ids of raw writes go down from here: where the API meets one, it goes on with its counter above the highest, so that
 * the two never come to the same id.
 */
const firstRawId = 1_000_000;

/** Writes tasks of one workspace in all the ways there are, and notes in the ledger what was accepted. */
export class Writer {
  readonly #options: WriterOptions;
  readonly #busy = new Set<number>();
  /** Tasks of which nobody knows what the last write has done, and names of tasks that may have been created. */
  readonly #unsure = new Set<number>();
  readonly #unsureNames = new Set<string>();
  readonly #drafts: Drafts;
  readonly #client: TaskClient;
  #nextRawId = firstRawId;
  /** How many writes were tried. */
  attempted = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#drafts = new Drafts(options.workspace, options.random, options.users);
    this.#client = new TaskClient(options.origin, options.tokenOf);
  }

  /** The refusals that a fault may bring about; all others are findings. */
  set allowed(refusals: readonly Refusal[]) {
    this.#client.allowed = refusals;
  }

  /** Answers that no client may get under this fault, in words. */
  get scandals(): readonly string[] {
    return this.#client.scandals;
  }

  /** Forgets what was refused so far. */
  restart(): void {
    this.attempted = 0;
    this.#client.scandals.length = 0;
  }

  /** Makes so many attempts to write something, some at a time; no two of them at the same task. */
  async write(count: number, lanes = 4): Promise<void> {
    let left = count;
    const work = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await this.#writeOne();
      }
    };
    await Promise.all(Array.from({ length: lanes }, work));
  }

  /** Creates a task that every user sees, and asks for; tries until it is accepted. @returns its id */
  async createVisible(name: string): Promise<number> {
    const { users, random } = this.#options;
    const key = this.#drafts.mark();
    this.attempted += 1;
    for (let attempt = 1; attempt <= 50; attempt += 1) {
      const { status, body } = await this.#client.call(
        users[0]!,
        'POST',
        paths.tasks,
        { name, status: 'in_progress' },
        withKey(key),
      );
      if (status === 201 && body.task !== undefined) {
        this.#options.ledger.accept(body.task.id, body.task);
        return body.task.id;
      }
      await new Promise((resolve) => setTimeout(resolve, random.integer(50, 150)));
    }
    throw new Error(`nobody could create the task "${name}"`);
  }

  /** Creates a task that only the admins and one user see, as an admin. */
  async createFor(sub: string): Promise<void> {
    this.attempted += 1;
    const input = { name: this.#drafts.mark(), visibility: 'private', assignees: [sub] };
    const { status, body } = await this.#client.call(this.#admin, 'POST', paths.tasks, input);
    if (status === 201) this.#options.ledger.accept(body.task!.id, body.task);
    else this.#unsureNames.add(input.name);
  }

  /** Changes who sees a task, as an admin; nobody else may write to it meanwhile. */
  async share(id: number, input: Partial<Pick<Task, 'visibility' | 'assignees'>>): Promise<void> {
    this.attempted += 1;
    const { status, body } = await this.#client.call(this.#admin, 'PATCH', pathTo(paths.task, id), input);
    if (status === 200) this.#options.ledger.accept(id, body.task);
    else this.#unsure.add(id);
  }

  get #admin(): User {
    return this.#options.users.find(({ admin }) => admin)!;
  }

  /** Puts an item past the API; the ledger hears of it when it can be read as a task. */
  async putRaw(
    item: Readonly<Record<string, unknown>> & { readonly id: number },
    task?: Task,
  ): Promise<void> {
    const { database, table, workspace, ledger } = this.#options;
    await database.send(new PutCommand({ TableName: table.name, Item: { workspace, ...item } }));
    if (task !== undefined || ledger.current(item.id) !== undefined) ledger.accept(item.id, task);
  }

  /** Deletes a task past the API. */
  async deleteRaw(id: number): Promise<void> {
    const { database, table, workspace, ledger } = this.#options;
    await database.send(new DeleteCommand({ TableName: table.name, Key: { workspace, id } }));
    ledger.accept(id, undefined);
  }

  /** Lets nobody write to a task any more. */
  leaveAlone(id: number): void {
    this.#busy.add(id);
  }

  /** An id that no task has. */
  newRawId(): number {
    return this.#nextRawId--;
  }

  /** A whole task as it could be in the table. */
  draft(id: number, more: Partial<Task> = {}): Task {
    return this.#drafts.draft(id, more);
  }

  async #writeOne(): Promise<void> {
    const { random, ledger } = this.#options;
    this.attempted += 1;
    const free = ledger.tasks.filter(({ id }) => !this.#busy.has(id));
    const kind = random.next();
    const isFull = free.length > mostTasks;
    if (free.length < 4 || (kind < 0.25 && !isFull)) return this.#create();
    const task = random.pick(free);
    this.#busy.add(task.id);
    try {
      if (isFull && kind < 0.25) await this.#remove(task);
      else if (kind < 0.7) await this.#patch(task);
      else if (kind < 0.8) await this.#updateRaw(task);
      else if (kind < 0.87) await this.#createRaw();
      else if (kind < 0.95) await this.#remove(task);
      else await this.deleteRaw(task.id);
    } finally {
      if (!this.#unsure.has(task.id)) this.#busy.delete(task.id);
    }
  }

  async #create(): Promise<void> {
    const { random, users, ledger } = this.#options;
    const { name, description, status, priority, assignees, visibility } = this.draft(0);
    const headers = random.chance(0.5) ? withKey(this.#drafts.mark()) : {};
    const input = { name, description, status, priority, assignees, visibility };
    const answer = await this.#client.call(random.pick(users), 'POST', paths.tasks, input, headers);
    if (answer.status === 201) {
      ledger.accept(answer.body.task!.id, answer.body.task);
      return;
    }
    // Nobody knows whether it was created: it is found by its name, which is its own.
    this.#unsureNames.add(name);
  }

  async #patch(task: Task): Promise<void> {
    const { random, users } = this.#options;
    const user = users.find(({ sub }) => sub === task.created_by) ?? this.#admin;
    const input = {
      ...(random.chance(0.8) && { name: this.#drafts.mark() }),
      ...(random.chance(0.5) && { status: random.pick(statuses) }),
      ...(random.chance(0.25) && { visibility: task.visibility === 'private' ? 'workspace' : 'private' }),
      ...(random.chance(0.2) && { assignees: this.#drafts.someUsers() }),
      priority: random.integer(0, 100),
    };
    const headers = {
      ...(random.chance(0.5) && withKey(this.#drafts.mark())),
      ...(random.chance(0.3) && { [ifMatchHeader]: entityTag(task.version) }),
    };
    const { status, body } = await this.#client.call(
      user,
      'PATCH',
      pathTo(paths.task, task.id),
      input,
      headers,
    );
    if (status === 200) this.#options.ledger.accept(task.id, body.task);
    else this.#unsure.add(task.id);
  }

  async #remove(task: Task): Promise<void> {
    const { status } = await this.#client.call(this.#admin, 'DELETE', pathTo(paths.task, task.id));
    if (status === 200) this.#options.ledger.accept(task.id, undefined);
    else this.#unsure.add(task.id);
  }

  async #createRaw(): Promise<void> {
    const task = this.draft(this.newRawId());
    await this.putRaw({ ...task }, task);
  }

  /** A script that knows nothing of versions. */
  async #updateRaw(task: Task): Promise<void> {
    const { database, table, workspace, ledger } = this.#options;
    const name = this.#drafts.mark();
    await database.send(
      new UpdateCommand({
        TableName: table.name,
        Key: { workspace, id: task.id },
        UpdateExpression: 'SET #name = :name',
        ExpressionAttributeNames: { '#name': 'name' },
        ExpressionAttributeValues: { ':name': name },
      }),
    );
    ledger.accept(task.id, { ...task, name });
  }

  /**
   * Looks at what the writes have done that were not confirmed: when all else is quiet, since one may have been made
   * after its caller had lost patience. Until then nobody writes their tasks.
   */
  async reconcile(): Promise<void> {
    const { table, workspace, ledger } = this.#options;
    if (this.#unsure.size + this.#unsureNames.size === 0) return;
    const tasks = await table.read(workspace);
    for (const id of this.#unsure) {
      const now = tasks.get(id);
      if (now === undefined || now.version !== ledger.current(id)!.version) ledger.accept(id, now);
      this.#busy.delete(id);
    }
    for (const task of tasks.values()) if (this.#unsureNames.has(task.name)) ledger.accept(task.id, task);
    this.#unsure.clear();
    this.#unsureNames.clear();
  }
}
