import type { Connection, TokenProvider } from '../../client/index.ts';
import { connect } from '../../client/index.ts';
import type { TaskStore } from '../../client/store/index.ts';
import { createTaskStore } from '../../client/store/index.ts';
import { Conditions } from '../../faults/board/conditions.ts';
import type { Who } from '../end-to-end/stack.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { waitUntil } from '../wait-until.ts';

let stack: TestStack;
const opened: Array<{ close(): void }> = [];
beforeAll(async () => {
  stack = await TestStack.start();
});
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});
afterAll(() => stack.close());

/** A store of a user, and a way to wait for what it shows. */
function storeOf(who: Who): {
  readonly store: TaskStore;
  readonly connection: Connection;
  readonly until: (isSo: () => boolean) => Promise<void>;
} {
  const token: TokenProvider = () => stack.local.issuer.sign(who);
  const connection = connect({ url: stack.local.url, token });
  const store = createTaskStore(connection);
  opened.push(store, connection);
  const conditions = new Conditions();
  store.subscribe(() => conditions.check());
  const until = (isSo: () => boolean): Promise<void> => waitUntil(conditions, isSo, store.getSnapshot);
  return { store, connection, until };
}

const names = (store: TaskStore): readonly string[] => store.getSnapshot().tasks.map(({ name }) => name);

describe('a store on the local stack', () => {
  it('shows what others write, and its own writes at once; both ends see the same', async () => {
    const ana = storeOf({ sub: 'ana', workspace: 'both' });
    const bob = storeOf({ sub: 'bob', workspace: 'both' });
    await ana.until(() => ana.store.getSnapshot().status === 'ready');
    await bob.until(() => bob.store.getSnapshot().status === 'ready');
    const created = ana.store.create({ name: 'Milk' });
    expect(names(ana.store)).toEqual(['Milk']);
    const outcome = await created;
    expect(outcome).toMatchObject({ kind: 'done', task: { id: 1, created_by: 'ana' } });
    await bob.until(() => names(bob.store).includes('Milk'));
    await Promise.all([
      ana.store.update(1, { status: 'in_progress' }),
      ana.store.update(1, { status: 'done' }),
      bob.store.create({ name: 'Bread' }),
    ]);
    const isSame = (): boolean =>
      JSON.stringify(ana.store.getSnapshot().tasks) === JSON.stringify(bob.store.getSnapshot().tasks);
    await ana.until(() => ana.store.getSnapshot().tasks.length === 2);
    await bob.until(() => bob.store.getTask(1)?.status === 'done' && bob.store.getTask(2) !== undefined);
    await ana.until(isSame);
    const { body } = await stack.request({ sub: 'ana', workspace: 'both' }, 'GET', '/tasks');
    expect(ana.store.getSnapshot().tasks).toEqual(body.tasks);
    expect(ana.store.getSnapshot().pending.size).toBe(0);
  });

  it('tells a conflict with what it is now, and writes over that where its user wants to', async () => {
    const ana = storeOf({ sub: 'ana', workspace: 'conflict' });
    await ana.until(() => ana.store.getSnapshot().status === 'ready');
    await ana.store.create({ name: 'Milk' });
    const seen = ana.store.getTask(1)!;
    await stack.request({ sub: 'bob', workspace: 'conflict' }, 'PATCH', '/tasks/1', { name: 'Oat milk' });
    await ana.until(() => ana.store.getTask(1)?.name === 'Oat milk');
    const outcome = await ana.store.update(1, { name: 'Soy milk' }, { seen });
    expect(outcome).toMatchObject({ kind: 'conflict', current: { name: 'Oat milk' } });
    expect(names(ana.store)).toEqual(['Oat milk']);
    if (outcome.kind !== 'conflict') throw new Error('it is none');
    await expect(outcome.keepMine()).resolves.toMatchObject({ kind: 'done', task: { name: 'Soy milk' } });
    expect(names(ana.store)).toEqual(['Soy milk']);
  });

  it('takes back what the server refuses', async () => {
    const ana = storeOf({ sub: 'ana', workspace: 'refused' });
    await ana.until(() => ana.store.getSnapshot().status === 'ready');
    const refused = ana.store.create({ name: '\u200b' });
    expect(ana.store.getSnapshot().tasks).toHaveLength(1);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_field' });
    expect(ana.store.getSnapshot().tasks).toEqual([]);
  });

  it('makes one task of a double click, and of an answer that was lost', async () => {
    const ana = storeOf({ sub: 'ana', workspace: 'double' });
    await ana.until(() => ana.store.getSnapshot().status === 'ready');
    const once = { key: 'what the user did' };
    await Promise.all([ana.store.create({ name: 'Milk' }, once), ana.store.create({ name: 'Milk' }, once)]);
    await ana.store.create({ name: 'Milk' }, once);
    expect(names(ana.store)).toEqual(['Milk']);
    const { body } = await stack.request({ sub: 'ana', workspace: 'double' }, 'GET', '/tasks');
    expect(body.tasks).toHaveLength(1);
  });
});
