import { ServerUnreachable } from '../../client/http/request.ts';
import { BoardState } from '../../client/store/board-state.ts';
import { createTaskStore } from '../../client/store/task-store.ts';
import type { TaskFilter } from '../../client/store/task-filter.ts';
import { idempotencyKeyHeader, ifMatchHeader } from '../../protocol/headers.ts';
import { StoreConnection, settled } from './store-connection.ts';
import type { RequestUnderWay } from './store-connection.ts';
import { StoreServer, refusal } from './store-server.ts';

const bob = { user: 'bob' };

/** A store of two tasks, whose waits end when the test says so. */
function sample(filter: TaskFilter = {}) {
  const server = new StoreServer(filter);
  server.create({ name: 'Milk' }, bob);
  server.create({ name: 'Bread' }, bob);
  const connection = new StoreConnection(server);
  const waits: { readonly atLeastMs: number | undefined; readonly goOn: () => void }[] = [];
  const open = (): BoardState =>
    new BoardState({
      connection,
      filter,
      closing: new AbortController(),
      wait: (_, atLeastMs) => new Promise((goOn) => void waits.push({ atLeastMs, goOn })),
    });
  /** The next request arrives, and its answer. */
  const answer = async (): Promise<RequestUnderWay> => {
    const [request] = connection.waiting;
    connection.answer(request!);
    await settled();
    return request!;
  };
  const fail = async (error: Error): Promise<void> => {
    connection.fail(connection.waiting[0]!, error);
    await settled();
  };
  return { server, connection, waits, open, answer, fail };
}

/** As `sample`, with the tasks loaded. */
async function loaded(filter?: TaskFilter) {
  const all = sample(filter);
  const store = all.open();
  all.connection.start();
  await all.answer();
  return { ...all, store };
}

const named = (store: Pick<BoardState, 'getSnapshot'>): string[] =>
  store.getSnapshot().tasks.map(({ name }) => name);
const lost = new ServerUnreachable('lost');

/** What a promise is rejected with. */
const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(undefined, (error: unknown) => error);

describe('a task store loads', () => {
  it('when its connection begins, and not before', async () => {
    const { connection, open, answer } = sample();
    const store = open();
    expect(connection.requests).toEqual([]);
    expect(store.getSnapshot()).toMatchObject({ status: 'loading', tasks: [] });
    connection.start();
    await answer();
    expect(store.getSnapshot().status).toBe('ready');
    expect(named(store)).toEqual(['Milk', 'Bread']);
  });

  it('at once where the connection is live, and misses nothing that is told meanwhile', async () => {
    const { server, connection, answer } = sample();
    connection.start();
    const store = createTaskStore(connection);
    connection.execute(connection.waiting[0]!);
    server.create({ name: 'Eggs' }, bob);
    server.delete(1, 'bob');
    while (connection.tell());
    expect(named(store)).toEqual([]);
    await answer();
    expect(named(store)).toEqual(['Bread', 'Eggs']);
    store.close();
  });

  it('all pages, with its filter', async () => {
    const { connection } = sample();
    connection.start();
    const store = createTaskStore(connection, {
      filter: { status: ['inbox', 'done'], assigned_to_agent: false, tasks: [1, 2] },
    });
    const { path, answer } = connection.requests[0]!;
    expect(new URLSearchParams(path.split('?')[1])).toEqual(
      new URLSearchParams({ tasks: '1,2', status: 'inbox,done', assigned_to_agent: 'false' }),
    );
    const [milk, bread] = [...new StoreServer().tasks.values(), ...sample().server.tasks.values()];
    answer.resolve({ tasks: [milk], nextCursor: 'more' });
    await settled();
    expect(store.getSnapshot().status).toBe('loading');
    expect(connection.requests[1]!.path).toBe(`${path}&cursor=more`);
    connection.requests[1]!.answer.resolve({ tasks: [bread] });
    await settled();
    expect(named(store)).toEqual(['Milk', 'Bread']);
    store.close();
  });

  it('again after trouble that passes, when the server says, and not after a refusal that does not', async () => {
    const { connection, waits, open, answer, fail } = sample();
    const store = open();
    connection.start();
    await fail(refusal(503, 'unavailable', 7_000));
    expect(store.getSnapshot()).toMatchObject({ status: 'loading', error: { code: 'unavailable' } });
    expect(waits[0]?.atLeastMs).toBe(7_000);
    waits[0]!.goOn();
    await settled();
    await fail(refusal(403, 'forbidden'));
    expect(store.getSnapshot()).toMatchObject({ status: 'failed', error: { code: 'forbidden' } });
    expect(waits).toHaveLength(1);
    expect(connection.waiting).toEqual([]);
    store.reload();
    await answer();
    expect(store.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
  });

  it('again after a refusal when the connection is live again', async () => {
    const { connection, open, answer, fail } = sample();
    const store = open();
    connection.start();
    await fail(refusal(401, 'token_expired'));
    connection.become({ state: 'denied' });
    connection.become({ state: 'live' });
    await answer();
    expect(named(store)).toEqual(['Milk', 'Bread']);
  });

  it('and goes on showing what happens while it loads again; of two loads the last counts', async () => {
    const { server, connection, store, answer } = await loaded();
    connection.reload('resync', false);
    connection.execute(connection.waiting[0]!);
    server.update(1, { name: 'Oat milk' }, bob);
    connection.tell();
    expect(named(store)).toEqual(['Oat milk', 'Bread']);
    connection.reload('resync', false);
    await answer();
    expect(named(store)).toEqual(['Oat milk', 'Bread']);
    await answer();
    expect(named(store)).toEqual(['Oat milk', 'Bread']);
    expect(store.getSnapshot().status).toBe('ready');
  });
});

describe('what a task store gives', () => {
  it('is the same as long as nothing changes, and another when something has', async () => {
    const { server, connection, store, answer } = await loaded();
    const before = store.getSnapshot();
    connection.reload('resync', false);
    await answer();
    expect(store.getSnapshot()).toBe(before);
    server.update(1, { status: 'done' }, bob);
    connection.tell();
    const after = store.getSnapshot();
    expect(after.tasks).not.toBe(before.tasks);
    expect(after.tasks[1]).toBe(before.tasks[1]);
    expect(store.getTask(1)).toBe(after.tasks[0]);
    // The second event of the change, about the same task.
    connection.tell();
    expect(store.getSnapshot()).toBe(after);
    void store.update(1, { status: 'done' });
    expect(store.getSnapshot().tasks).toBe(after.tasks);
    expect(store.getSnapshot().pending).toEqual(new Set([1]));
  });

  it('is told once for all that happens in a turn, and of one task to nobody who listens to another', async () => {
    const { server, connection, store } = await loaded();
    const calls: string[] = [];
    const listen = (name: string) => () => void calls.push(name);
    const end = store.subscribe(listen('all'));
    store.subscribeTask(1, listen('one'));
    const endTwo = store.subscribeTask(2, listen('two'));
    for (let change = 0; change < 100; change += 1) server.update(2, { priority: change }, bob);
    while (connection.tell());
    expect(store.getTask(2)?.priority).toBe(99);
    expect(calls).toEqual([]);
    await settled();
    expect(calls).toEqual(['two', 'all']);
    endTwo();
    end();
    void store.remove(2);
    void store.update(1, { blocked: true });
    await settled();
    expect(calls).toEqual(['two', 'all', 'one']);
    store.close();
    server.update(1, { name: 'Soy milk' }, bob);
    while (connection.tell());
    await settled();
    expect(calls).toHaveLength(3);
  });
});

describe('a change in a task store', () => {
  it.each([true, false])(
    'is shown at once, and confirmed by its event or its answer (event first: %s)',
    async (eventFirst) => {
      const { connection, store, answer } = await loaded();
      const change = store.update(1, { status: 'archived' });
      expect(store.getTask(1)).toMatchObject({ status: 'archived', archived: true, version: 1 });
      expect(store.isPending(1)).toBe(true);
      const [request] = connection.waiting;
      connection.execute(request!);
      if (eventFirst) connection.tell();
      else await answer();
      await expect(change).resolves.toMatchObject({ kind: 'done', task: { version: 2 } });
      const shown = store.getTask(1);
      expect(shown).toMatchObject({ status: 'archived', version: 2 });
      expect(store.isPending(1)).toBe(false);
      while (connection.tell());
      if (eventFirst) await answer();
      expect(store.getTask(1)).toBe(shown);
      expect(connection.requests).toHaveLength(2);
    },
  );

  it('is taken back when it is refused: then there is what the server has', async () => {
    const { server, connection, store, fail } = await loaded();
    const change = store.update(1, { visibility: 'private', name: 'Mine' });
    server.update(1, { priority: 5 }, bob);
    connection.tell();
    expect(store.getTask(1)).toMatchObject({ name: 'Mine', visibility: 'private', priority: 5 });
    const refused = caught(change);
    await fail(refusal(403, 'forbidden'));
    await expect(refused).resolves.toMatchObject({ message: 'forbidden' });
    expect(store.getTask(1)).toEqual(server.tasks.get(1));
    expect(store.getSnapshot().pending.size).toBe(0);
  });

  it('keeps its key when its answer is lost, and waits as long as the server asks', async () => {
    const { connection, store, waits, answer, fail } = await loaded();
    const change = store.update(1, { name: 'Oat milk' });
    connection.execute(connection.waiting[0]!);
    await fail(lost);
    waits[0]!.goOn();
    await settled();
    await fail(refusal(429, 'throttled', 3_000));
    expect(waits[1]?.atLeastMs).toBe(3_000);
    waits[1]!.goOn();
    await settled();
    await answer();
    await expect(change).resolves.toMatchObject({ kind: 'done', task: { version: 2 } });
    const keys = connection.requests.slice(1).map(({ headers }) => headers[idempotencyKeyHeader]);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  });

  it('goes by the version of the one before, whether that was done or refused', async () => {
    const { server, connection, store, answer, fail } = await loaded();
    const [first, second, third] = [
      store.update(1, { status: 'in_progress' }),
      store.update(1, { status: 'done' }),
      store.update(1, { status: 'in_review' }),
    ];
    expect(store.getTask(1)?.status).toBe('in_review');
    expect(connection.waiting).toHaveLength(1);
    await answer();
    await expect(first).resolves.toMatchObject({ kind: 'done' });
    expect(store.getTask(1)?.status).toBe('in_review');
    const refused = caught(second);
    await fail(refusal(403, 'forbidden'));
    await expect(refused).resolves.toMatchObject({ message: 'forbidden' });
    await answer();
    await expect(third).resolves.toMatchObject({ kind: 'done' });
    expect(connection.requests.slice(1).map(({ headers }) => headers[ifMatchHeader])).toEqual([
      '"1"',
      '"2"',
      '"2"',
    ]);
    expect(store.getTask(1)).toEqual(server.tasks.get(1));
    expect(store.getTask(1)).toMatchObject({ status: 'in_review', version: 3 });
  });

  it('is one where it is asked for twice at once', async () => {
    const { connection, store } = await loaded();
    expect(store.update(1, { blocked: true })).toBe(store.update(1, { blocked: true }));
    expect(store.remove(2)).toBe(store.remove(2));
    expect(connection.waiting).toHaveLength(2);
  });

  it('goes on over what others have changed beside it, and meets what they have done the same', async () => {
    const { server, store, answer } = await loaded();
    server.update(1, { description: 'two bottles' }, bob);
    const change = store.update(1, { status: 'done' });
    for (const method of ['PATCH', 'GET', 'PATCH']) expect((await answer()).method).toBe(method);
    await expect(change).resolves.toMatchObject({
      kind: 'done',
      task: { description: 'two bottles', version: 3 },
    });
    server.update(2, { status: 'done' }, bob);
    const same = store.update(2, { status: 'done' });
    for (const method of ['PATCH', 'GET']) expect((await answer()).method).toBe(method);
    await expect(same).resolves.toMatchObject({ kind: 'done', task: { updated_by: 'bob' } });
  });

  it('replaces nothing that its user has not seen, and can be kept all the same', async () => {
    const { server, connection, store, answer } = await loaded();
    server.update(1, { archived: true }, bob);
    const change = store.update(1, { status: 'done' });
    await answer();
    await answer();
    const conflict = await change;
    if (conflict.kind !== 'conflict') throw new Error(conflict.kind);
    expect(conflict).toMatchObject({ current: { archived: true, version: 2 }, mine: { status: 'done' } });
    expect(store.getTask(1)).toEqual(server.tasks.get(1));
    const kept = conflict.keepMine();
    expect(store.getTask(1)).toMatchObject({ status: 'done', archived: false });
    expect((await answer()).headers[ifMatchHeader]).toBe('"2"');
    await expect(kept).resolves.toMatchObject({ kind: 'done' });
    while (connection.tell());
    expect(store.getTask(1)).toMatchObject({ status: 'done', archived: false, version: 3 });
  });

  it('is judged by what its user has seen, and not by the changes of that user since', async () => {
    const { server, connection, store, answer } = await loaded();
    const seen = store.getTask(1)!;
    void store.update(1, { name: 'Oat milk' });
    const own = store.update(1, { name: 'Soy milk' }, { seen });
    await answer();
    await answer();
    await expect(own).resolves.toMatchObject({ kind: 'done' });
    const opened = store.getTask(2)!;
    server.update(2, { name: 'Rolls' }, bob);
    connection.tell();
    while (connection.tell());
    await expect(store.update(2, { name: 'Toast' }, { seen: opened })).resolves.toMatchObject({
      kind: 'conflict',
      current: { name: 'Rolls' },
    });
    expect(connection.waiting).toEqual([]);
  });

  it('of a task that is not there ends with that', async () => {
    const { server, store, answer } = await loaded();
    await expect(store.update(9, { name: 'x' })).resolves.toEqual({ kind: 'gone' });
    server.delete(1, 'bob');
    const change = store.update(1, { name: 'x' });
    await answer();
    await expect(change).resolves.toEqual({ kind: 'gone' });
    expect(named(store)).toEqual(['Bread']);
  });

  it('takes a task out of a filtered store at once, and back when it is refused', async () => {
    const { server, connection, store, answer, fail } = await loaded({ status: ['inbox'] });
    const change = store.update(1, { status: 'done' });
    expect(named(store)).toEqual(['Bread']);
    const refused = caught(change);
    await fail(refusal(400, 'invalid_field'));
    await expect(refused).resolves.toMatchObject({ message: 'invalid_field' });
    expect(named(store)).toEqual(['Milk', 'Bread']);
    server.update(2, { priority: 3 }, bob);
    connection.tell();
    void store.update(2, { status: 'done' });
    await answer();
    while (connection.tell());
    expect(named(store)).toEqual(['Milk']);
  });
});

describe('what an answer has told', () => {
  it('stands before a load that was under way, which may not hold it', async () => {
    const { connection, store } = await loaded();
    connection.reload('resync', false);
    const [list] = connection.waiting;
    connection.execute(list!);
    void store.update(1, { name: 'Oat milk' });
    void store.remove(2);
    void store.create({ name: 'Eggs' });
    for (const request of connection.waiting.slice(1)) connection.answer(request);
    await settled();
    connection.answer(list!);
    await settled();
    expect(named(store)).toEqual(['Oat milk', 'Eggs']);
    while (connection.tell()) expect(named(store)).toEqual(['Oat milk', 'Eggs']);
  });

  it('is forgotten with a load that began after it: the table may have been restored', async () => {
    const { server, connection, store, answer } = await loaded();
    const before = server.tasks.get(1)!;
    void store.update(1, { name: 'Oat milk' });
    await answer();
    expect(named(store)).toEqual(['Oat milk', 'Bread']);
    server.tasks.set(1, before);
    connection.reload('unknown_cursor', true);
    await answer();
    expect(named(store)).toEqual(['Milk', 'Bread']);
  });
});

describe('a deletion in a task store', () => {
  it('is shown at once, and no event from before brings the task back', async () => {
    const { server, connection, store, answer } = await loaded();
    server.update(1, { priority: 5 }, bob);
    connection.tell();
    server.update(1, { priority: 6 }, bob);
    server.update(1, { priority: 7 }, bob);
    const removal = store.remove(1);
    expect(named(store)).toEqual(['Bread']);
    expect(store.getSnapshot().pending).toEqual(new Set([1]));
    await answer();
    await answer();
    const conflict = await removal;
    if (conflict.kind !== 'conflict') throw new Error(conflict.kind);
    expect(conflict).toMatchObject({ current: { priority: 7 }, mine: undefined });
    expect(named(store)).toEqual(['Milk', 'Bread']);
    const kept = conflict.keepMine();
    await answer();
    await expect(kept).resolves.toEqual({ kind: 'gone' });
    do expect(named(store)).toEqual(['Bread']);
    while (connection.tell());
  });
});

describe('a creation in a task store', () => {
  const first = ['event', 'answer', 'load'] as const;
  it.each(first)(
    'has a temporary id until the server gives one, and is never shown twice (%s first)',
    async (what) => {
      const { connection, store, answer } = await loaded();
      const calls: number[] = [];
      const creation = store.create({ name: 'Eggs', status: 'in_progress' });
      const [id] = store.getSnapshot().pending;
      expect(store.getTask(id!)).toMatchObject({ id: -1, name: 'Eggs', status: 'in_progress', version: 0 });
      await settled();
      store.subscribeTask(id!, () => calls.push(store.getTask(id!)!.id));
      const [request] = connection.waiting;
      connection.execute(request!);
      const expectOne = (): void => expect(named(store)).toEqual(['Milk', 'Bread', 'Eggs']);
      expectOne();
      if (what === 'event') connection.tell();
      if (what === 'load') {
        connection.reload('history_expired', true);
        connection.answer(connection.waiting[1]!);
        await settled();
        expectOne();
      }
      await answer();
      await expect(creation).resolves.toMatchObject({ kind: 'done', task: { id: 3 } });
      while (connection.tell()) expectOne();
      expectOne();
      expect(store.getTask(-1)).toBe(store.getTask(3));
      expect([store.keyOf(3), store.keyOf(2)]).toEqual([-1, 2]);
      expect(calls).toEqual([3]);
    },
  );

  it('is written to before it has an id', async () => {
    const { server, connection, store, answer } = await loaded();
    const creation = store.create({ name: 'Eggs' });
    const change = store.update(-1, { status: 'done' });
    const removal = store.remove(-1);
    expect(named(store)).toEqual(['Milk', 'Bread']);
    await answer();
    await expect(creation).resolves.toMatchObject({ task: { id: 3 } });
    expect((await answer()).path).toBe('/tasks/3');
    await expect(change).resolves.toMatchObject({ task: { id: 3, status: 'done' } });
    await answer();
    await expect(removal).resolves.toEqual({ kind: 'gone' });
    while (connection.tell());
    expect(store.getSnapshot().tasks).toEqual(server.list());
  });

  it('leaves nothing when it is refused', async () => {
    const { store, fail } = await loaded();
    const creation = store.create({ name: 'Eggs' });
    const change = store.update(-1, { status: 'done' });
    const refused = caught(creation);
    await fail(refusal(403, 'forbidden'));
    await expect(refused).resolves.toMatchObject({ message: 'forbidden' });
    await expect(change).resolves.toEqual({ kind: 'gone' });
    expect(named(store)).toEqual(['Milk', 'Bread']);
    expect(store.getSnapshot().pending.size).toBe(0);
  });

  it('makes one task of one key, also when its answers were lost', async () => {
    const { server, connection, store, waits, answer, fail } = await loaded();
    const create = () => store.create({ name: 'Eggs' }, { key: 'a key' });
    const creation = create();
    expect(create()).toBe(creation);
    const refused = caught(creation);
    connection.execute(connection.waiting[0]!);
    await fail(lost);
    for (const index of [0, 1]) {
      waits[index]!.goOn();
      await settled();
      await fail(lost);
    }
    await expect(refused).resolves.toMatchObject({ message: 'lost' });
    expect(named(store)).toEqual(['Milk', 'Bread']);
    const again = create();
    await answer();
    await expect(again).resolves.toMatchObject({ task: { id: 3 } });
    expect(create()).toBe(again);
    while (connection.tell());
    expect(server.list()).toHaveLength(3);
    expect(store.getSnapshot().tasks).toEqual(server.list());
  });

  it('is confirmed by its event alone when no answer comes', async () => {
    const { connection, store, waits, fail } = await loaded();
    const creation = store.create({ name: 'Eggs' });
    connection.execute(connection.waiting[0]!);
    await fail(lost);
    connection.tell();
    await expect(creation).resolves.toMatchObject({ task: { id: 3 } });
    waits[0]!.goOn();
    await settled();
    expect(connection.waiting).toEqual([]);
  });

  it('is looked up where its event does not come: an old key may be that of a task which is gone', async () => {
    const { server, connection, store, waits, answer } = await loaded();
    const other = new StoreConnection(server);
    other.execute({ ...(await keyed(other)), headers: { [idempotencyKeyHeader]: 'old' } });
    server.delete(3, 'bob');
    while (connection.tell());
    const creation = store.create({ name: 'Eggs' }, { key: 'old' });
    await answer();
    await expect(creation).resolves.toMatchObject({ kind: 'done' });
    expect(named(store)).toEqual(['Milk', 'Bread', 'Eggs']);
    expect(waits[0]?.atLeastMs).toBe(10_000);
    waits[0]!.goOn();
    await settled();
    await answer();
    expect(named(store)).toEqual(['Milk', 'Bread']);
  });
});

/** The request of another page for a task. */
async function keyed(connection: StoreConnection): Promise<RequestUnderWay> {
  void connection.send('POST', '/tasks', {}, { name: 'Eggs' });
  await settled();
  return connection.waiting[0]!;
}
