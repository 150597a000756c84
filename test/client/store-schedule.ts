import { ServerUnreachable } from '../../client/http/request.ts';
import type { TaskFields } from '../../client/http/task-api.ts';
import { BoardState } from '../../client/store/board-state.ts';
import type { TaskWriteOutcome } from '../../client/store/pending-write.ts';
import type { TaskFilter } from '../../client/store/task-filter.ts';
import { correlationHeader } from '../../protocol/headers.ts';
import type { Task } from '../../protocol/task.ts';
import type { RequestUnderWay } from './store-connection.ts';
import { StoreConnection, settled } from './store-connection.ts';
import { StoreServer, me, refusal } from './store-server.ts';
import type { OwnWrite } from './store-writes.ts';
import { changes, factsOf, pick, watched } from './store-writes.ts';

type Choose = (which: number, how: number) => void;

/** A store, its server and its connection, and what must hold of them while a schedule runs. */
export class Schedule {
  readonly server: StoreServer;
  readonly connection: StoreConnection;
  readonly store: BoardState;
  /** What did not hold. */
  readonly faults: string[] = [];
  /** How often it happened, by what. */
  readonly counts: Record<string, number> = {};
  #waits: (() => void)[] = [];
  readonly #writes: OwnWrite[] = [];
  readonly #promises = new Set<Promise<TaskWriteOutcome>>();
  readonly #conflicts: Extract<TaskWriteOutcome, { kind: 'conflict' }>[] = [];
  /** What was confirmed of a task last. */
  readonly #confirmed = new Map<number, Task>();
  /** All that was shown, by task. */
  readonly #shown = new Map<number, Set<string>>();
  readonly #views: { readonly task: Task; readonly shown: ReadonlySet<string> }[] = [];
  readonly #created: { readonly fields: TaskFields; readonly key: string | undefined }[] = [];
  /** Descriptions of tasks that were shown while they were being created: who writes to both writes in no order. */
  readonly #twice = new Set<string | null>();
  /** Own writes that failed: the server may do all the same what was asked for, later. */
  readonly #failed = new Set<OwnWrite>();
  /** Ids of tasks of which events come again that a list has shown. */
  readonly #replayed = new Set<number>();
  #others = 0;

  constructor(filter: TaskFilter) {
    this.server = new StoreServer(filter);
    for (const name of ['one', 'two']) this.server.create({ name, description: name }, { user: 'bob' });
    this.connection = new StoreConnection(this.server);
    this.store = new BoardState({
      connection: this.connection,
      filter,
      closing: new AbortController(),
      firstPage: 1,
      wait: () => new Promise((resolve) => void this.#waits.push(resolve)),
    });
  }

  /** What can happen; the numbers choose with whom, and how. */
  readonly actions: Readonly<Record<string, Choose>> = {
    create: (_, how) => {
      const count = this.#created.length;
      const fields = { name: `mine ${count}`, ...pick(changes, how), description: `mine ${count}` };
      const key = how % 2 === 0 ? `key-${count}` : undefined;
      this.#created.push({ fields, key });
      this.#begin('create', 0, fields, () => this.store.create(fields, { key }));
    },
    createAgain: (which) => {
      const { fields, key } = pick(this.#created, which) ?? {};
      if (fields === undefined || key === undefined) return;
      this.#begin('create', 0, fields, () => this.store.create(fields, { key }), new Set(), true);
    },
    update: (which, how) => {
      const task = pick(this.store.getSnapshot().tasks, which);
      const fields = pick(changes, how)!;
      if (task) this.#begin('update', task.id, fields, () => this.store.update(task.id, fields));
    },
    updateAsSeenBefore: (which, how) => {
      const { task: seen, shown } = pick(this.#views, which) ?? {};
      const fields = pick(changes, how)!;
      if (seen)
        this.#begin('update', seen.id, fields, () => this.store.update(seen.id, fields, { seen }), shown);
    },
    remove: (which) => {
      const task = pick(this.store.getSnapshot().tasks, which);
      if (task) this.#begin('remove', task.id, {}, () => this.store.remove(task.id));
    },
    keepMine: () => {
      const { current, mine, keepMine } = this.#conflicts.pop() ?? {};
      if (!current) return;
      this.#begin(mine ? 'update' : 'remove', current.id, mine ?? {}, keepMine!, new Set(factsOf(current)));
    },
    look: (which) => {
      const task = pick(this.store.getSnapshot().tasks, which);
      if (task) this.#views.push({ task, shown: new Set(this.#shownOf(task.id)) });
    },
    otherCreates: (_, how) => {
      this.#others += 1;
      this.server.create(
        { name: 'x', ...pick(changes, how), description: `bob ${this.#others}` },
        { user: 'bob' },
      );
    },
    otherUpdates: (which, how) => {
      const task = this.#anyTask(which);
      if (task) this.server.update(task.id, pick(changes, how)!, { user: 'bob' });
    },
    scriptUpdates: (which, how) => {
      const task = this.#anyTask(which);
      if (task) this.server.update(task.id, { priority: 1 + how }, { user: 'script' }, true);
    },
    otherDeletes: (which) => {
      const task = this.#anyTask(which);
      if (!task) return;
      this.server.delete(task.id, 'bob');
      // A late answer to its creation may bring it back until it is looked up.
      this.#confirmed.delete(task.id);
    },
    /** Also of a request that was given up for lost. */
    execute: (which) => {
      const request = pick(
        this.connection.requests.filter(({ result }) => result === undefined),
        which,
      );
      if (request) this.#execute(request);
    },
    answer: (which) => {
      const request = pick(this.connection.waiting, which);
      if (!request) return;
      this.#answer(request);
    },
    lose: (which) => {
      const request = pick(this.connection.waiting, which);
      if (request) this.connection.fail(request, new ServerUnreachable('lost'));
    },
    refuse: (which, how) => {
      const request = pick(this.connection.waiting, which);
      if (!request || request.result !== undefined) return;
      request.result = () => undefined;
      const isFinal = how % 2 === 0 && request.method !== 'GET';
      this.connection.fail(request, isFinal ? refusal(403, 'forbidden') : refusal(503, 'unavailable', 1));
    },
    tell: () => this.connection.tell(),
    tellAll: () => {
      while (this.connection.tell());
    },
    goOn: (which) => this.#waits.splice(which % Math.max(1, this.#waits.length), 1)[0]?.(),
    reload: () => this.connection.reload('resync', false),
    reloadAfterGap: () => this.connection.reload('history_expired', true),
  };

  /** @param before how many of the steps come before the stream begins. */
  async run(
    steps: readonly (readonly [action: string, which: number, how: number])[],
    before: number,
  ): Promise<void> {
    for (const [index, [action, which, how]] of steps.entries()) {
      if (index === before) this.connection.start();
      this.actions[action]!(which, how);
      await settled();
      this.#look();
      if (this.faults.length > 0) return;
    }
    if (steps.length <= before) this.connection.start();
    await settled();
    await this.#rest();
  }

  /** All that is under way comes to its end, and nothing fails any more. */
  async #rest(): Promise<void> {
    for (let round = 0; round < 500; round += 1) {
      const [request] = this.connection.waiting;
      if (request !== undefined) this.#answer(request);
      const isTold = !this.connection.tell();
      if (request === undefined && isTold && this.#waits.length === 0) return this.#compare();
      for (const goOn of this.#waits.splice(0)) goOn();
      await settled();
      this.#look();
      if (this.faults.length > 0) return;
    }
    this.faults.push('it does not come to rest');
  }

  /** At rest the store has what the server has. */
  #compare(): void {
    const { status, tasks, pending } = this.store.getSnapshot();
    if (status !== 'ready') this.faults.push(`the status is ${status}`);
    if (pending.size > 0) this.faults.push('something is pending for ever');
    if (this.#writes.some(({ isSettled }) => !isSettled)) this.faults.push('a write never ends');
    const [shown, wanted] = [tasks, this.server.list()].map((list) => JSON.stringify(list, undefined, 1));
    if (shown !== wanted) this.faults.push(`shown ${shown}, but there are ${wanted}`);
    const mine = this.server.history.filter(({ user, before }) => user === me && before === undefined);
    const names = mine.map(({ after }) => after!.description);
    if (new Set(names).size !== names.length) this.faults.push('a task was created twice');
    if (this.server.reusedKeys.length > 0) this.faults.push('a key stood for two requests');
  }

  #anyTask(which: number): Task | undefined {
    return pick([...this.server.tasks.values()], which);
  }

  #shownOf(id: number): Set<string> {
    const key = this.store.keyOf(id);
    const shown = this.#shown.get(key) ?? new Set();
    this.#shown.set(key, shown);
    return shown;
  }

  #unsettled(id?: number): OwnWrite[] {
    const { keyOf } = this.store;
    return this.#writes.filter(
      (write) => !write.isSettled && (id === undefined || keyOf(write.id) === keyOf(id)),
    );
  }

  #begin(
    kind: OwnWrite['kind'],
    id: number,
    fields: TaskFields,
    act: () => Promise<TaskWriteOutcome>,
    shown?: ReadonlySet<string>,
    isAgain = false,
  ): void {
    const own = this.#unsettled(id).flatMap((write) => [
      ...write.shown,
      ...Object.entries(write.fields).map(([field, value]) => `${field}=${String(value)}`),
    ]);
    const before = new Set([...(shown ?? this.#shownOf(id)), ...own]);
    const pending = new Set(this.store.getSnapshot().pending);
    const promise = act();
    if (this.#promises.has(promise)) return;
    this.#promises.add(promise);
    const created = [...this.store.getSnapshot().pending].find((each) => !pending.has(each));
    const write: OwnWrite = {
      kind,
      id: kind === 'create' ? created! : id,
      fields,
      shown: before,
      isStale: shown !== undefined,
      isAgain,
      correlationId: undefined,
      isSettled: false,
    };
    this.#writes.push(write);
    void promise
      .then((outcome) => this.#ended(write, outcome))
      .catch((error: unknown) => {
        this.#count(`failed: ${(error as Error).message}`);
        this.#failed.add(write);
      })
      .finally(() => {
        write.isSettled = true;
      });
  }

  #ended(write: OwnWrite, outcome: TaskWriteOutcome): void {
    this.#count(`${write.kind}: ${outcome.kind}`);
    if (outcome.kind === 'done') {
      const { task } = outcome;
      if ((this.#confirmed.get(task.id)?.version ?? 0) < task.version) this.#confirmed.set(task.id, task);
    }
    // What has left a filter and come back, before it was deleted, may be told to have come back after that.
    if (outcome.kind === 'gone')
      for (const id of this.#confirmed.keys())
        if (this.store.keyOf(id) === this.store.keyOf(write.id)) this.#confirmed.delete(id);
    if (outcome.kind !== 'conflict') return;
    this.#conflicts.push(outcome);
    const { current } = outcome;
    const fields =
      write.kind === 'update'
        ? watched.filter((field) => field in write.fields)
        : [...watched, 'priority' as const];
    const writers = fields.map((field) => this.server.writerOf(current.id, field));
    if (
      !write.isStale &&
      !this.#twice.has(current.description) &&
      !this.#replayed.has(current.id) &&
      ![...this.#failed].some(({ id }) => this.store.keyOf(id) === this.store.keyOf(current.id)) &&
      writers.every((writer) => writer === me)
    )
      this.faults.push('a user conflicts with nobody else');
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  #answer(request: RequestUnderWay): void {
    this.#execute(request);
    this.connection.answer(request);
    // Of what a list shows already, the stream tells some again, from before what was confirmed.
    const isList = request.method === 'GET' && request.path.startsWith('/tasks?');
    if (!isList) return;
    for (const { taskId } of this.connection.untold) {
      this.#confirmed.delete(taskId);
      this.#replayed.add(taskId);
    }
  }

  /** The server does what is asked for: no write replaces what its user was never shown. */
  #execute(request: RequestUnderWay): void {
    if (request.result !== undefined) return;
    const { method, path, headers, body } = request;
    const before = this.server.tasks.get(Number(path.split('/')[2]));
    const writes = this.server.history.length;
    this.connection.execute(request);
    if (before === undefined || writes === this.server.history.length || this.#twice.has(before.description))
      return;
    const write = this.#writes.find(({ correlationId }) => correlationId === headers[correlationHeader])!;
    for (const field of watched) {
      const isReplaced =
        method === 'DELETE' || (body !== undefined && field in body && body[field] !== before[field]);
      if (isReplaced && !write.shown.has(`${field}=${String(before[field])}`))
        this.faults.push(
          `${method} ${path} replaces ${field}=${String(before[field])}, which its user never saw`,
        );
    }
  }

  /** What must hold at any time. */
  #look(): void {
    const { tasks, pending } = this.store.getSnapshot();
    this.#name();
    const unsettled = this.#unsettled();
    const keys = (ids: Iterable<number>): string =>
      [...new Set([...ids].map(this.store.keyOf))].toSorted((a, b) => a - b).join();
    if (keys(pending) !== keys(unsettled.map(({ id }) => id)))
      this.faults.push(`pending is ${keys(pending)}`);
    for (const task of tasks) this.#lookAt(task);
    const twice = tasks.find((task) =>
      tasks.some((other) => other !== task && other.description === task.description),
    );
    // Who has loaded a task that others have changed since cannot know it for what is being created.
    const isChanged = tasks.some(
      ({ description, version, priority }) =>
        description === twice?.description && (version > 1 || priority > 0),
    );
    const mayBe = unsettled.some(
      ({ kind, fields, isAgain }) =>
        kind === 'create' && fields.description === twice?.description && (isAgain || isChanged),
    );
    for (const { description, id } of tasks)
      if (
        id > 0 &&
        unsettled.some(({ kind, fields }) => kind === 'create' && fields.description === description)
      )
        this.#twice.add(description);
    if (twice !== undefined && !mayBe) this.faults.push(`${twice.description} is shown twice`);
  }

  #lookAt(task: Task): void {
    const writes = this.#unsettled(task.id);
    for (const fact of factsOf(task)) this.#shownOf(task.id).add(fact);
    if (writes.some(({ kind }) => kind === 'remove'))
      this.faults.push(`${task.id} is shown, and was deleted`);
    const wanted = Object.assign({}, ...writes.map(({ fields }) => fields)) as TaskFields;
    const confirmed = this.#confirmed.get(task.id);
    if (confirmed !== undefined && task.version < confirmed.version)
      this.faults.push(`${task.id} is older than was confirmed`);
    for (const field of watched) {
      if (field in wanted && task[field] !== wanted[field] && !this.#twice.has(task.description))
        this.faults.push(`${task.id} shows another ${field} than is pending`);
      if (confirmed?.version === task.version && !(field in wanted) && task[field] !== confirmed[field])
        this.faults.push(`${task.id} shows another ${field} than was confirmed`);
    }
  }

  /** Requests tell of which write they are: those of a task come in the order of its writes. */
  #name(): void {
    for (const { method, path, headers } of this.connection.requests) {
      const correlationId = headers[correlationHeader];
      if (correlationId === undefined || this.#writes.some((write) => write.correlationId === correlationId))
        continue;
      const id = Number(path.split('/')[2]);
      const write = this.#writes.find(
        (each) =>
          !each.isSettled &&
          each.correlationId === undefined &&
          (method === 'POST'
            ? each.kind === 'create'
            : each.kind !== 'create' && this.store.keyOf(each.id) === this.store.keyOf(id)),
      );
      if (write) write.correlationId = correlationId;
    }
  }
}
