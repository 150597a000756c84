import { idempotencyKeyHeader } from '../../protocol/headers.ts';
import type { RequestUnderWay } from './store-connection.ts';
import { StoreConnection, settled } from './store-connection.ts';
import { bob, caught, loaded, lost, named } from './store-sample.ts';
import { refusal } from './store-server.ts';

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

  it('ends with `gone` when its answer was lost: the task is gone, whoever did it', async () => {
    const { server, connection, store, waits, answer, fail } = await loaded();
    const removal = store.remove(1);
    connection.execute(connection.waiting[0]!);
    await fail(lost);
    waits[0]!.goOn();
    await settled();
    expect((await answer()).method).toBe('DELETE');
    await expect(removal).resolves.toEqual({ kind: 'gone' });
    expect(server.list()).toHaveLength(1);
    expect(named(store)).toEqual(['Bread']);
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
