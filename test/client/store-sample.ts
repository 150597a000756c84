import { ServerUnreachable } from '../../client/http/request.ts';
import { BoardState } from '../../client/store/board-state.ts';
import type { TaskFilter } from '../../client/store/task-filter.ts';
import type { RequestUnderWay } from './store-connection.ts';
import { StoreConnection, settled } from './store-connection.ts';
import { StoreServer } from './store-server.ts';

/** Who writes besides the store's user. */
export const bob = { user: 'bob' };

/** A store of two tasks, which asks for so many first, whose waits end when the test says so. */
export function sample(filter: TaskFilter = {}, firstPage?: number) {
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
      ...(firstPage !== undefined && { firstPage }),
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
export async function loaded(filter?: TaskFilter) {
  const all = sample(filter);
  const store = all.open();
  all.connection.start();
  await all.answer();
  return { ...all, store };
}

/** What a store shows, by name. */
export const named = (store: Pick<BoardState, 'getSnapshot'>): string[] =>
  store.getSnapshot().tasks.map(({ name }) => name);
export const lost = new ServerUnreachable('lost');

/** What a promise is rejected with. */
export const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(undefined, (error: unknown) => error);
