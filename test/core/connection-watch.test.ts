import type { ConnectionKey, ConnectionState } from '../../core/connections/connection.ts';
import type { WatchPorts } from '../../core/connections/connection-watch.ts';
import { ConnectionWatch } from '../../core/connections/connection-watch.ts';
import type { Drain } from '../../core/connections/drain.ts';
import { VirtualClock } from './virtual-clock.ts';

const drainBefore = (before: number): Drain => ({ before, spreadMs: 12_000 });
const key = (id: number): ConnectionKey => ({ workspace: 'acme', user: 'alice', id: String(id) });

const portsWith = (clock = new VirtualClock()): WatchPorts => ({
  clock,
  observer: { trouble: () => undefined },
});

describe('looking at connections', () => {
  it('reads a hundred at a time for all the streams of a process, and gives each its own', async () => {
    const sizes: number[] = [];
    const watch = new ConnectionWatch(
      {
        readStates: async (keys) => {
          sizes.push(keys.length);
          return keys.map(({ id }): ConnectionState => ({ leaseUntil: Number(id) }));
        },
        readDrain: async () => undefined,
      },
      portsWith(),
    );
    const views = await Promise.all(Array.from({ length: 250 }, (_, id) => watch.look(key(id), false)));
    expect(sizes).toEqual([100, 100, 50]);
    expect(views.map(({ state }) => (state as ConnectionState).leaseUntil)).toEqual(views.map((_, id) => id));
  });

  it('tells what is gone from what could not be read', async () => {
    const watch = new ConnectionWatch(
      { readStates: async () => ['gone', undefined], readDrain: async () => drainBefore(5) },
      portsWith(),
    );
    await expect(Promise.all([watch.look(key(1), false), watch.look(key(2), false)])).resolves.toEqual([
      { state: 'gone', drain: drainBefore(5) },
      { state: undefined, drain: drainBefore(5) },
    ]);
  });

  it('reads the drain marker every 10 s, and again after it could not', async () => {
    const clock = new VirtualClock();
    const answers = [
      Promise.reject(new Error('throttled')),
      Promise.resolve(drainBefore(7)),
      Promise.resolve(drainBefore(9)),
    ];
    let reads = 0;
    const watch = new ConnectionWatch(
      { readStates: async (keys) => keys.map(() => ({})), readDrain: () => answers[reads++]! },
      portsWith(clock),
    );
    expect((await watch.look(key(1), false)).drain).toBeUndefined();
    expect((await watch.look(key(1), false)).drain?.before).toBe(7);
    await clock.sleep(9000);
    expect((await watch.look(key(1), false)).drain?.before).toBe(7);
    await clock.sleep(1000);
    expect((await watch.look(key(1), false)).drain?.before).toBe(9);
    expect(reads).toBe(3);
  });

  it('waits for no marker: what it knew last is good until there is an answer', async () => {
    const clock = new VirtualClock();
    const late = Promise.withResolvers<Drain>();
    const answers = [Promise.resolve(drainBefore(7)), late.promise];
    const watch = new ConnectionWatch(
      { readStates: async (keys) => keys.map(() => ({})), readDrain: () => answers.shift()! },
      portsWith(clock),
    );
    expect((await watch.look(key(1), false)).drain?.before).toBe(7);
    await clock.sleep(10_000);
    expect((await watch.look(key(1), false)).drain?.before).toBe(7);
    late.resolve(drainBefore(9));
    expect((await watch.look(key(1), false)).drain?.before).toBe(9);
  });

  it('hands a failed read to all who shared it, and reads again for the next', async () => {
    let broken = true;
    const watch = new ConnectionWatch(
      {
        readStates: async (keys) => {
          if (broken) throw new Error('throttled');
          return keys.map(() => ({}));
        },
        readDrain: async () => undefined,
      },
      portsWith(),
    );
    const looks = await Promise.allSettled([watch.look(key(1), false), watch.look(key(2), false)]);
    expect(looks.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    broken = false;
    await expect(watch.look(key(1), false)).resolves.toMatchObject({ state: {} });
  });

  it('takes a connection to be gone, and a lease to be over, only after a consistent read', async () => {
    const reads: [ids: string, consistent: boolean][] = [];
    const watch = new ConnectionWatch(
      {
        readStates: async (keys, consistent) => {
          reads.push([keys.map(({ id }) => id).join(), consistent]);
          return keys.map(({ id }) => (id === '1' || (id === '2' && !consistent) ? 'gone' : {}));
        },
        readDrain: async () => undefined,
      },
      portsWith(),
    );
    const looks = [watch.look(key(1), false), watch.look(key(2), false), watch.look(key(3), false)];
    const views = await Promise.all([...looks, watch.look(key(4), true)]);
    expect(views.map(({ state }) => state)).toEqual(['gone', {}, {}, {}]);
    expect(reads).toEqual([
      ['1,2,3', false],
      ['4', true],
      ['1,2', true],
    ]);
  });
});
