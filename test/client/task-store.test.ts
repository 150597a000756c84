import { createTaskStore } from '../../client/store/task-store.ts';
import { idempotencyKeyHeader, ifMatchHeader } from '../../protocol/headers.ts';
import { settled } from './store-connection.ts';
import { bob, caught, loaded, lost, named, sample } from './store-sample.ts';
import { StoreServer, refusal } from './store-server.ts';

describe('a task store loads', () => {
  it('while its connection opens, and shows that when the stream has begun at the same place', async () => {
    const { server, connection, open, answer } = sample();
    const store = open();
    await answer();
    expect(store.getSnapshot()).toMatchObject({ status: 'loading', tasks: [] });
    connection.start();
    server.create({ name: 'Eggs' }, bob);
    while (connection.tell());
    await settled();
    expect(store.getSnapshot().status).toBe('ready');
    expect(named(store)).toEqual(['Milk', 'Bread', 'Eggs']);
    expect(connection.requests).toHaveLength(1);
  });

  it('and shows what was listed later than the stream began, where the stream has come so far', async () => {
    const { server, connection, open, answer } = sample();
    const store = open();
    connection.start();
    server.create({ name: 'Eggs' }, bob);
    connection.execute(connection.waiting[0]!);
    server.delete(1, 'bob');
    connection.tell();
    await answer();
    expect(named(store)).toEqual(['Milk', 'Bread', 'Eggs']);
    connection.tell();
    expect(named(store)).toEqual(['Bread', 'Eggs']);
    expect(connection.requests).toHaveLength(1);
  });

  it.each([
    ['at an earlier place than where the stream began', 'before'],
    ['at a place where the stream is not yet', 'after'],
  ])('again where it was listed %s', async (_, when) => {
    const { server, connection, open, answer } = sample();
    const store = open();
    if (when === 'after') connection.start();
    else connection.execute(connection.waiting[0]!);
    server.delete(1, 'bob');
    if (when === 'before') connection.start();
    await answer();
    expect(store.getSnapshot()).toMatchObject({ status: 'loading', tasks: [] });
    await answer();
    expect(named(store)).toEqual(['Bread']);
    expect(connection.requests).toHaveLength(2);
  });

  it.each([
    ['refused', refusal(403, 'forbidden')],
    ['lost', lost],
  ])('again where what it asked for while its connection opened was %s', async (_, error) => {
    const { connection, open, answer, fail } = sample();
    const store = open();
    await fail(error);
    expect(store.getSnapshot()).toMatchObject({ status: 'loading', error: undefined });
    connection.start();
    await settled();
    await answer();
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

  it('all pages, a small one first, with its filter, and shows what it has so far', async () => {
    const { connection } = sample();
    connection.start();
    const store = createTaskStore(connection, {
      filter: { status: ['inbox', 'done'], assigned_to_agent: false, tasks: [1, 2] },
    });
    const asked = (index: number): object =>
      Object.fromEntries(new URLSearchParams(connection.requests[index]!.path.split('?')[1]));
    const filter = { tasks: '1,2', status: 'inbox,done', assigned_to_agent: 'false' };
    expect(asked(0)).toEqual({ ...filter, limit: '100' });
    const [milk, bread] = [...new StoreServer().tasks.values(), ...sample().server.tasks.values()];
    connection.requests[0]!.answer.resolve({ tasks: [milk], nextCursor: 'more' });
    await settled();
    expect(store.getSnapshot().status).toBe('loading');
    expect(named(store)).toEqual(['Milk']);
    expect(asked(1)).toEqual({ ...filter, cursor: 'more' });
    connection.requests[1]!.answer.resolve({ tasks: [bread] });
    await settled();
    expect(store.getSnapshot().status).toBe('ready');
    expect(named(store)).toEqual(['Milk', 'Bread']);
    store.close();
  });

  it('again, and takes nothing away before all is there', async () => {
    const { server, connection, open, answer } = sample({}, 1);
    const store = open();
    await answer();
    expect(named(store)).toEqual(['Milk']);
    await answer();
    expect(named(store)).toEqual(['Milk']);
    server.create({ name: 'Eggs' }, bob);
    connection.start();
    await settled();
    // Something came between: all of it once more.
    await answer();
    expect(named(store)).toEqual(['Milk']);
    await answer();
    expect(named(store)).toEqual(['Milk', 'Bread', 'Eggs']);
    connection.reload('resync', false);
    await answer();
    expect(named(store)).toEqual(['Milk', 'Bread', 'Eggs']);
    await answer();
    expect(store.getSnapshot().status).toBe('ready');
  });

  it('again after trouble that passes, when the server says, and not after a refusal that does not', async () => {
    const { connection, waits, open, answer, fail } = sample();
    connection.start();
    const store = open();
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
