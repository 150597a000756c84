import { HandOn } from '../../lambdas/fanout/hand-on.ts';
import type { AppendedTo } from '../../lambdas/fanout/hand-on.ts';
import type { SubscriberPage } from '../../lambdas/shared/dynamodb/subscriber-store.ts';
import type { PushOrder } from '../../lambdas/shared/push/push-function.ts';
import { troubleKind } from '../../lambdas/shared/signals/trouble.ts';
import type { Subscriber } from '../../core/push/socket.ts';
import { VirtualClock } from '../core/virtual-clock.ts';

const log = 'fedcba9876543210';
const somebody: SubscriberPage = { subscribers: [{} as Subscriber], next: undefined };
const nobody: SubscriberPage = { subscribers: [], next: undefined };
const never = new Promise<never>(() => {});

function appendedTo(workspace: string, ...numbers: number[]): AppendedTo {
  return { workspace, changes: numbers.length, segments: numbers.map((segment) => ({ log, segment })) };
}

describe('handing new segments on', () => {
  let clock: VirtualClock;
  let looked: unknown[][];
  let orders: PushOrder[];
  let troubles: Array<readonly [error: unknown, details: unknown]>;
  let look: (workspace: string, signal: AbortSignal) => Promise<SubscriberPage>;
  let order: (order: PushOrder, signal: AbortSignal) => Promise<void>;
  let handing: HandOn;
  beforeEach(() => {
    clock = new VirtualClock();
    looked = [];
    orders = [];
    troubles = [];
    look = () => Promise.resolve(somebody);
    order = (given) => {
      orders.push(given);
      return Promise.resolve();
    };
    handing = new HandOn({
      subscribers: {
        page: (workspace, after, most, signal) => {
          looked.push([workspace, after, most]);
          return look(workspace, signal!);
        },
      },
      push: { order: (given, signal) => order(given, signal!) },
      clock,
      observer: { trouble: (_, error, details) => troubles.push([error, details]) },
    });
  });

  /** Hands on, and gives how long that took, milliseconds. */
  async function handOn(...appended: AppendedTo[]): Promise<number> {
    const begin = clock.now();
    await handing.handOn(appended);
    return clock.now() - begin;
  }

  it('orders what was appended, from the first segment to the last', async () => {
    await handOn(appendedTo('acme', 7), appendedTo('zeta', 3, 4, 6));
    expect(looked).toEqual([
      ['acme', undefined, 1],
      ['zeta', undefined, 1],
    ]);
    expect(orders).toEqual([
      { workspace: 'acme', log, first: 7, last: 7 },
      { workspace: 'zeta', log, first: 3, last: 6 },
    ]);
    expect(troubles).toEqual([]);
  });

  it('asks nobody where nothing was appended', async () => {
    await handOn(appendedTo('acme'));
    await handOn();
    expect([looked, orders, troubles]).toEqual([[], [], []]);
  });

  it('orders nothing where nobody has subscribed', async () => {
    look = () => Promise.resolve(nobody);
    await handOn(appendedTo('acme', 7));
    expect([looked.length, orders, troubles]).toEqual([1, [], []]);
  });

  it.each([
    ['look-up hangs', () => (look = () => never)],
    ['order hangs', () => (order = () => never)],
    [
      'look-up hangs until it is broken off',
      () =>
        (look = (_, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new Error('aborted')));
          })),
    ],
  ])(
    'takes 2 s though every %s, then less than half a second a batch, and tells each once',
    async (_, hang) => {
      hang();
      const workspaces = Array.from({ length: 50 }, (__, index) => appendedTo(`w${index}`, 1));
      expect(await handOn(...workspaces)).toBeLessThanOrEqual(2000);
      const told = [expect.objectContaining({ name: 'HandOnTimeout' }), { failed: 50 }];
      expect(troubles).toEqual([told]);
      expect(troubleKind(troubles[0]![0])).toBe('passing');
      expect(await handOn(...workspaces)).toBeLessThanOrEqual(500);
      expect(troubles).toEqual([told, told]);
      const lookedAt = looked.length;
      await clock.sleep(1000);
      // What was under way when it was broken off begins nothing more.
      expect([looked.length, orders]).toEqual([lookedAt, []]);
    },
  );

  it('has the time that a process needs at first, and again after it was in time once', async () => {
    const slowly = (milliseconds: number) => async (): Promise<SubscriberPage> => {
      await clock.sleep(milliseconds);
      return somebody;
    };
    look = slowly(1500);
    await handOn(appendedTo('acme', 1));
    expect([orders.length, troubles]).toEqual([1, []]);
    look = () => never;
    await handOn(appendedTo('acme', 2));
    look = slowly(300);
    await handOn(appendedTo('acme', 3));
    look = slowly(1500);
    await handOn(appendedTo('acme', 4));
    expect([orders.length, troubles.length]).toEqual([3, 1]);
  });

  it.each([
    ['look-up', () => (look = () => Promise.reject(new Error('refused')))],
    ['order', () => (order = () => Promise.reject(new Error('refused')))],
    [
      'look-up, before it is one',
      () =>
        (look = () => {
          throw new Error('refused');
        }),
    ],
  ])('never fails when the %s does, and tells it once', async (_, refuse) => {
    refuse();
    await handOn(appendedTo('acme', 7), appendedTo('zeta', 3));
    expect(troubles).toEqual([[new Error('refused'), { failed: 2 }]]);
  });

  it('hands on the others where one fails, and where one hangs', async () => {
    look = (workspace) => {
      if (workspace === 'broken') return Promise.reject(new Error('refused'));
      return workspace === 'slow' ? never : Promise.resolve(somebody);
    };
    await handOn(appendedTo('broken', 1), appendedTo('slow', 1), appendedTo('acme', 2));
    expect(orders).toEqual([{ workspace: 'acme', log, first: 2, last: 2 }]);
    expect(troubles).toEqual([[new Error('refused'), { failed: 2 }]]);
  });
});
